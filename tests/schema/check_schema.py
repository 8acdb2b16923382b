#!/usr/bin/env python3
"""Checks proto/ against the officially published schema, then that the check itself can fail.

Every message, field name, number, type, label, oneof and enum value of the lean schema must be the
published one; every line of required_fields.txt must be there. What the published messages have
beyond ours is listed, and is no error. --quiet leaves that list out.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "scripts" / "schema"))
import published  # noqa: E402

OUR_PACKAGE = "minim.pb"
# Published messages whose bare name occurs in several packages.
CHOICES = {
    "Failure": "temporal.api.failure.v1.Failure",
    "WorkflowExecution": "temporal.api.common.v1.WorkflowExecution",
    "Status": "google.rpc.Status",
}
PACKAGES = ("temporal.api.", "google.protobuf.", "google.rpc.")


class Types:
    """Messages and enums of a FileDescriptorSet by their name without the package."""

    def __init__(self, files):
        self.messages, self.enums, self.full = {}, {}, {}
        for file in files:
            for message in file.message_type:
                self._add_message(file.package, "", message)
            for enum in file.enum_type:
                self._add(self.enums, file.package, enum.name, enum)

    def _add(self, table, package, name, item):
        table.setdefault(name, []).append((f"{package}.{name}", item))
        self.full[f".{package}.{name}"] = (name, item)

    def _add_message(self, package, outer, message):
        name = outer + message.name
        self._add(self.messages, package, name, message)
        for nested in message.nested_type:
            self._add_message(package, name + ".", nested)
        for enum in message.enum_type:
            self._add(self.enums, package, f"{name}.{enum.name}", enum)

    def find(self, table, name):
        """The one published item of this name: (full name, item), or a problem text."""
        found = [item for item in table.get(name, []) if item[0].startswith(PACKAGES)]
        outer = name.split(".")[0]
        if outer in CHOICES:
            wanted = CHOICES[outer] + name[len(outer):]
            found = [item for item in found if item[0] == wanted]
        if len(found) == 1:
            return found[0]
        if not found:
            return "is not published"
        return "is published in several packages: " + ", ".join(item[0] for item in found)


def describe(types, message, field):
    """A field as a comparable line: label, type, number, oneof."""
    kind = field.Type.Name(field.type)[5:].lower()
    if field.type_name:
        kind += " " + types.full[field.type_name][0]
    label = "repeated " if field.label == field.LABEL_REPEATED else ""
    oneof = ""
    if field.proto3_optional:
        label = "optional "
    elif field.HasField("oneof_index"):
        oneof = f", oneof {message.oneof_decl[field.oneof_index].name}"
    return f"{label}{kind} = {field.number}{oneof}"


def compare(ours, theirs):
    """Problems, and what is published beyond ours: {our name: [missing fields or values]}."""
    problems, beyond = [], {}
    for name, entries in sorted(ours.messages.items()):
        found = theirs.find(theirs.messages, name)
        if isinstance(found, str):
            problems.append(f"message {name} {found}")
            continue
        message, other = entries[0][1], found[1]
        if message.options.map_entry != other.options.map_entry:
            problems.append(f"message {name}: a map on one side only")
        published_fields = {f.name: f for f in other.field}
        for field in message.field:
            match = published_fields.pop(field.name, None)
            if match is None:
                problems.append(f"{name}.{field.name}: {found[0]} has no such field")
                continue
            have, want = describe(ours, message, field), describe(theirs, other, match)
            if have != want:
                problems.append(f"{name}.{field.name}: have {have}; published is {want}")
        if published_fields:
            beyond[name] = list(published_fields)
    for name, entries in sorted(ours.enums.items()):
        found = theirs.find(theirs.enums, name)
        if isinstance(found, str):
            problems.append(f"enum {name} {found}")
            continue
        published_values = {v.name: v.number for v in found[1].value}
        for value in entries[0][1].value:
            number = published_values.pop(value.name, None)
            if number is None:
                problems.append(f"{name}.{value.name}: {found[0]} has no such value")
            elif number != value.number:
                problems.append(f"{name}.{value.name}: have {value.number}; published is {number}")
        if published_values:
            beyond[name] = list(published_values)
    return problems, beyond


def required():
    for line in (HERE / "required_fields.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            yield line


def check_required(ours):
    problems, count = [], 0
    for line in required():
        count += 1
        name, _, member = line.rpartition(".")
        entries = ours.messages.get(name) or ours.enums.get(name)
        if entries is None:
            problems.append(f"{line} is required: there is no {name}")
            continue
        item = entries[0][1]
        members = item.field if hasattr(item, "field") else item.value
        if member not in [m.name for m in members]:
            problems.append(f"{line} is required and missing")
    return problems, count


def load(folder, scratch):
    files = sorted(str(p.relative_to(folder)) for p in folder.rglob("*.proto"))
    if not files:
        published.fail(f"no .proto files in {folder}")
    return Types(published.compile_files([folder], files, scratch / "lean.pb").file)


# (file, text, replacement, a part of the problem that must be found)
MUTATIONS = (
    ("start", "string workflow_id = 2;", "string workflow_id = 200;", "published is string = 2"),
    ("common", "int32 maximum_attempts = 4;", "int64 maximum_attempts = 4;", "have int64 = 4"),
    ("handle", "string signal_name = 3;", "string signal_nam = 3;", "has no such field"),
    ("payload", "repeated Payload payloads = 1;", "Payload payloads = 1;", "have message Payload"),
    ("payload", "map<string, bytes> metadata", "map<string, string> metadata", "MetadataEntry"),
    ("failure", "oneof failure_info", "oneof info", "oneof info"),
    ("failure", "ActivityType activity_type = 4;", "WorkflowType activity_type = 4;",
     "have message WorkflowType"),
    ("common", "WORKFLOW_EXECUTION_STATUS_FAILED = 3;", "WORKFLOW_EXECUTION_STATUS_FAILED = 33;",
     "published is 3"),
    ("system", "bool nexus = 11;", "bool nexus_ = 11;", "has no such field"),
    ("visibility", "message WorkflowExecutionConfig", "message WorkflowExecutionSetup",
     "is not published"),
    ("handle", "string query_type = 1;", "", "WorkflowQuery.query_type is required and missing"),
    ("handle", "  WorkflowQuery query = 3;\n", "", "QueryWorkflowRequest.query is required"),
    ("handle", "  QUERY_REJECT_CONDITION_NOT_OPEN = 2;\n", "", "NOT_OPEN is required and missing"),
)


def self_test(theirs):
    """Each mutation of a copy must be found. Returns the texts of those that were not."""
    missed = []
    for name, text, replacement, expected in MUTATIONS:
        with tempfile.TemporaryDirectory() as temp:
            temp = pathlib.Path(temp)
            copy = temp / "proto"
            shutil.copytree(ROOT / "proto" / "minim", copy / "minim")
            file = copy / "minim" / "pb" / f"{name}.proto"
            before = file.read_text()
            if text not in before:
                missed.append(f"{name}: {text!r} is not in the file any more")
                continue
            after = before.replace(text, replacement, 1)
            if "WorkflowExecutionSetup" in replacement:
                after = after.replace("WorkflowExecutionConfig execution_config",
                                      "WorkflowExecutionSetup execution_config")
            file.write_text(after)
            ours = load(copy, temp)
            problems = compare(ours, theirs)[0] + check_required(ours)[0]
            if not any(expected in problem for problem in problems):
                missed.append(f"{name}: {text!r} -> {replacement!r} was not noticed: {problems}")
    return missed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quiet", action="store_true", help="do not list what is published beyond")
    arguments = parser.parse_args()
    published.run_in_venv()
    theirs = Types(published.descriptors().file)
    with tempfile.TemporaryDirectory() as temp:
        ours = load(ROOT / "proto", pathlib.Path(temp))
    problems, beyond = compare(ours, theirs)
    missing, count = check_required(ours)
    problems += missing
    if not ours.messages or not count:
        problems.append("nothing was compared")
    if not arguments.quiet:
        for name, members in beyond.items():
            print(f"published beyond ours: {name}: {', '.join(members)}")
    fields = sum(len(e[0][1].field) for e in ours.messages.values())
    values = sum(len(e[0][1].value) for e in ours.enums.values())
    print(f"{published.WHEEL}: compared {len(ours.messages)} messages, {fields} fields, "
          f"{len(ours.enums)} enums, {values} values; {count} required; "
          f"{sum(map(len, beyond.values()))} fields and values are published beyond ours")
    for problem in problems:
        print(f"wrong: {problem}", file=sys.stderr)
    missed = self_test(theirs)
    for text in missed:
        print(f"self-test: {text}", file=sys.stderr)
    print(f"self-test: {len(MUTATIONS) - len(missed)} of {len(MUTATIONS)} wrong schemas noticed")
    return 1 if problems or missed else 0


if __name__ == "__main__":
    sys.exit(main())
