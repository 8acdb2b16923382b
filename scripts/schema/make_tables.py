#!/usr/bin/env python3
"""Writes src/protojson/tables.inc from the published schema: names, numbers and types of every
message, enum and unary method, as packed rows over one pool of strings (src/protojson/schema.cc
says what the columns are). With --check, says whether the committed file is what it would write.
"""

import argparse
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import published  # noqa: E402

TARGET = published.ROOT / "src" / "protojson" / "tables.inc"
# Messages that come from these packages, and whatever these reach.
PACKAGES = ("temporal.api.", "grpc.health.v1", "google.rpc")
GOOGLE = "Any Duration Empty FieldMask ListValue Struct Timestamp Value BoolValue BytesValue " \
         "DoubleValue FloatValue Int32Value Int64Value StringValue UInt32Value UInt64Value"
# In the order of protojson::Special.
SPECIALS = ("", "map entry", "Any", "Duration", "FieldMask", "ListValue", "Struct", "Timestamp",
            "Value", "wrapper", "Payload", "Payloads")
COLUMNS = 100


def special_of(full, message):
    if message.options.map_entry:
        return SPECIALS.index("map entry")
    short = full.rsplit(".", 1)[1]
    if full.startswith("google.protobuf."):
        if short.endswith("Value") and short not in ("Value", "ListValue"):
            return SPECIALS.index("wrapper")
        return SPECIALS.index(short) if short in SPECIALS else 0
    if full in ("temporal.api.common.v1.Payload", "temporal.api.common.v1.Payloads"):
        return SPECIALS.index(short)
    return 0


def enum_prefix(name, values):
    """What all value names start with: the enum's name, or what they share up to an underscore."""
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).upper() + "_"
    if all(v.startswith(prefix) for v in values):
        return prefix
    shared = values[0]
    while not all(v.startswith(shared) for v in values):
        shared = shared[:-1]
    return shared[:shared.rfind("_") + 1] if len(values) > 1 else ""


class Pool:
    """Strings within each other: a row names a string by offset and length."""

    def __init__(self):
        self.wanted, self.text = set(), ""

    def add(self, text):
        if len(text) > 255:
            published.fail(f"{text!r} is too long for a row")
        self.wanted.add(text)

    def close(self):
        for text in sorted(self.wanted, key=lambda t: (-len(t), t)):
            if text not in self.text:
                self.text += text
        if len(self.text) > 0xFFFF:
            published.fail(f"the strings take {len(self.text)} bytes: offsets have 16 bits")

    def place(self, text):
        return f"{self.text.index(text)},{len(text)}"


class Schema:
    def __init__(self, files):
        self.messages, self.enums, self.services, self.package = {}, {}, {}, {}
        for file in files:
            wanted = (file.package + ".").startswith(PACKAGES) or file.package.startswith(PACKAGES)
            for message in file.message_type:
                if wanted or (file.package == "google.protobuf" and message.name in GOOGLE.split()):
                    self.add_message(file.package, file.package, message)
            for enum in file.enum_type:
                if wanted or enum.name == "NullValue":
                    self.add_enum(file.package, file.package, enum)
            if wanted:
                if file.syntax != "proto3":
                    published.fail(f"{file.name} is not proto3")
                for service in file.service:
                    self.services[f"{file.package}.{service.name}"] = service

    def add_message(self, package, outer, message):
        full = f"{outer}.{message.name}"
        self.messages[full], self.package[full] = message, package
        if len(message.oneof_decl) > 1:
            published.fail(f"{full} has several oneofs: a row has one bit for it")
        for nested in message.nested_type:
            self.add_message(package, full, nested)
        for enum in message.enum_type:
            self.add_enum(package, full, enum)

    def add_enum(self, package, outer, enum):
        full = f"{outer}.{enum.name}"
        self.enums[full], self.package[full] = enum, package

    def local(self, full):
        return full[len(self.package[full]) + 1:]


def json_name(name):
    return re.sub(r"_(.)", lambda match: match.group(1).upper(), name)


def table(kind, name, rows):
    """Rows separated by commas, as many to a line as fit."""
    lines, line = [f"constexpr {kind} {name}[] = {{"], ""
    for row in rows:
        piece = row + ","
        if len(line) + len(piece) > COLUMNS - 4:
            lines.append("    " + line)
            line = ""
        line += piece
    return "\n".join([*lines, "    " + line, "};", ""])


def literal(text):
    width = COLUMNS - 6
    return "\n".join(f'    "{text[i:i + width]}"' for i in range(0, len(text), width))


def generate(schema):
    messages, enums = sorted(schema.messages), sorted(schema.enums)
    packages = sorted(set(schema.package.values()))
    message_index = {name: i for i, name in enumerate(messages)}
    enum_index = {name: i for i, name in enumerate(enums)}
    prefixes = {name: enum_prefix(schema.enums[name].name,
                                  [v.name for v in schema.enums[name].value]) for name in enums}
    pool = Pool()
    for name in messages:
        pool.add(schema.local(name))
        for field in schema.messages[name].field:
            if field.json_name != json_name(field.name):
                published.fail(f"{name}.{field.name} has a JSON name of its own")
            pool.add(field.name)
    for name in enums:
        pool.add(schema.local(name))
        pool.add(prefixes[name])
        for value in schema.enums[name].value:
            pool.add(value.name[len(prefixes[name]):])
    services = sorted(schema.services)
    for name in packages + services:
        pool.add(name)
    for name in services:
        for method in schema.services[name].method:
            pool.add(method.name)
    pool.close()

    message_rows, field_rows, enum_rows, value_rows, method_rows = [], [], [], [], []
    for name in messages:
        message = schema.messages[name]
        message_rows.append(f"{{{pool.place(schema.local(name))},"
                            f"{packages.index(schema.package[name])},{len(field_rows)},"
                            f"{len(message.field)},{special_of(name, message)}}}")
        for field in message.field:
            if field.number > 0xFFFF or field.type == field.TYPE_GROUP:
                published.fail(f"{name}.{field.name} does not fit a row")
            kind = field.type_name[1:]
            index = message_index.get(kind, enum_index.get(kind, 0))
            if kind and kind not in message_index and kind not in enum_index:
                published.fail(f"{name}.{field.name}: {kind} is not among the tables")
            flags = field.type
            flags |= 32 if field.label == field.LABEL_REPEATED else 0
            flags |= 64 if field.HasField("oneof_index") and not field.proto3_optional else 0
            flags |= 128 if field.proto3_optional else 0
            field_rows.append(f"{{{pool.place(field.name)},{flags},{field.number},{index}}}")
    for name in enums:
        values = schema.enums[name].value
        enum_rows.append(f"{{{pool.place(schema.local(name))},"
                         f"{packages.index(schema.package[name])},{pool.place(prefixes[name])},"
                         f"{len(value_rows)},{len(values)}}}")
        value_rows += [f"{{{pool.place(v.name[len(prefixes[name]):])},{v.number}}}" for v in values]
    for index, name in enumerate(services):
        for method in sorted(schema.services[name].method, key=lambda m: m.name):
            if method.client_streaming or method.server_streaming:
                continue
            method_rows.append(f"{{{pool.place(method.name)},{index},"
                               f"{message_index[method.input_type[1:]]},"
                               f"{message_index[method.output_type[1:]]}}}")
    strings = [f"{{{pool.place(name)}}}" for name in packages]
    sizes = (len(pool.text) + 4 * len(packages + services) + 8 * len(message_rows + field_rows)
             + 12 * len(enum_rows) + 6 * len(value_rows) + 8 * len(method_rows))
    text = "\n".join([
        f"// Made by scripts/schema/make_tables.py from {published.WHEEL}; do not edit.",
        f"// {len(messages)} messages, {len(field_rows)} fields, {len(enums)} enums, "
        f"{len(value_rows)} values, {len(method_rows)} methods: {sizes} bytes.",
        "constexpr char kPool[] =", literal(pool.text) + ";", "",
        table("StringRow", "kPackages", strings),
        table("StringRow", "kServices", [f"{{{pool.place(name)}}}" for name in services]),
        table("MessageRow", "kMessages", message_rows),
        table("FieldRow", "kFields", field_rows),
        table("EnumRow", "kEnums", enum_rows),
        table("ValueRow", "kValues", value_rows),
        table("MethodRow", "kMethods", method_rows)])
    return text, sizes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if outdated")
    arguments = parser.parse_args()
    published.run_in_venv()
    text, sizes = generate(Schema(published.descriptors().file))
    if arguments.check:
        same = TARGET.is_file() and TARGET.read_text() == text
        print(f"tables.inc is {'up to date' if same else 'outdated'}: {sizes} bytes of tables")
        return 0 if same else 1
    TARGET.write_text(text)
    print(f"{TARGET.relative_to(published.ROOT)}: {sizes} bytes of tables")
    return 0


if __name__ == "__main__":
    sys.exit(main())
