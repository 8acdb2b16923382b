#!/usr/bin/env python3
"""Protobuf JSON of every message type against the reference implementation in Python.

    roundtrip.py FILTER [--seed N] [--type NAME]

FILTER is the program roundtrip_filter. For each sample message of each type: its JSON must be, byte
for byte, the reference's values in our order (declaration order, sorted map keys, 2-space indent);
and the bytes that it makes of its own JSON, and of the reference's JSON with the schema's field
names, must be the same message. The short form of payloads must come back as the same message too.
"""

import argparse
import json
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "scripts" / "schema"))
import published  # noqa: E402

PACKAGES = ("temporal.api.", "grpc.health.v1.", "google.rpc.")
GOOGLE = ("Any", "Duration", "Empty", "FieldMask", "ListValue", "Struct", "Timestamp", "Value",
          "BoolValue", "BytesValue", "DoubleValue", "FloatValue", "Int32Value", "Int64Value",
          "StringValue", "UInt32Value", "UInt64Value")
MAX_SHOWN = 20


def all_types(files):
    def walk(prefix, message):
        if not message.options.map_entry:
            yield f"{prefix}.{message.name}"
        for nested in message.nested_type:
            yield from walk(f"{prefix}.{message.name}", nested)
    for file in files:
        for message in file.message_type:
            if (file.package + ".").startswith(PACKAGES) or \
                    (file.package == "google.protobuf" and message.name in GOOGLE):
                yield from walk(file.package, message)


def run_filter(program, lines):
    done = subprocess.run([pathlib.Path(program).resolve()],
                          input="\n".join(lines).encode() + b"\n",
                          stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        published.fail(f"{program} ended with {done.returncode}")
    replies = done.stdout.decode().split("\n")[:-1]
    if len(replies) != len(lines):
        published.fail(f"{program}: {len(replies)} replies to {len(lines)} lines")
    return replies


def is_map(field):
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def canonical(message, class_of):
    """Bytes that are the same for the same message: fields that the schema does not know left out,
    the inside of each Any serialised anew."""
    def settle(part):
        if part.DESCRIPTOR.full_name == "google.protobuf.Any" and part.type_url:
            inner = class_of(part.type_url.rsplit("/", 1)[1])()
            inner.ParseFromString(part.value)
            part.value = canonical(inner, class_of)
            return
        for field, value in part.ListFields():
            if is_map(field):
                if field.message_type.fields_by_name["value"].message_type is not None:
                    for key in value:
                        settle(value[key])
            elif field.message_type is not None:
                for item in value if field.is_repeated else [value]:
                    settle(item)
    copy = type(message)()
    copy.CopyFrom(message)
    copy.DiscardUnknownFields()
    settle(copy)
    return copy.SerializeToString(deterministic=True)


class Expected:
    """The reference's JSON in our order."""

    def __init__(self, pool):
        self.pool = pool

    def ordered(self, kind, value):
        name = kind.full_name
        if name == "google.protobuf.Any" and "@type" in value:
            inner = self.pool.FindMessageTypeByName(value["@type"].rsplit("/", 1)[1])
            if "value" in value and inner.full_name.startswith("google.protobuf."):
                return {"@type": value["@type"], "value": self.ordered(inner, value["value"])}
            rest = {k: v for k, v in value.items() if k != "@type"}
            return {"@type": value["@type"], **self.ordered(inner, rest)}
        if name == "google.protobuf.Struct" or name == "google.protobuf.Value" and \
                isinstance(value, dict):
            return {k: self.value(value[k]) for k in sorted(value)}
        if name in ("google.protobuf.Value", "google.protobuf.ListValue"):
            return self.value(value)
        if not isinstance(value, dict):
            return value
        out = {}
        for field in kind.fields:
            if field.json_name in value:
                out[field.json_name] = self.field(field, value[field.json_name])
        return out

    def value(self, value):
        if isinstance(value, dict):
            return {k: self.value(value[k]) for k in sorted(value)}
        if isinstance(value, list):
            return [self.value(v) for v in value]
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    def field(self, field, value):
        kind = field.message_type
        if kind is None:
            return value
        if is_map(field):
            entry = kind.fields_by_name
            number = entry["key"].type not in (entry["key"].TYPE_STRING, entry["key"].TYPE_BOOL)
            keys = sorted(value, key=int if number else lambda k: k.encode())
            return {k: self.field(entry["value"], value[k]) for k in keys}
        if field.is_repeated:
            return [self.ordered(kind, item) for item in value]
        return self.ordered(kind, value)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("filter", help="the program roundtrip_filter")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--type", help="only this message type")
    arguments = parser.parse_args()
    published.run_in_venv()
    import google.protobuf
    from google.protobuf import descriptor_pool, json_format, message_factory
    from google.protobuf.message import DecodeError
    import samples

    files = published.descriptors().file
    pool = descriptor_pool.DescriptorPool()
    for file in files:
        pool.Add(file)

    def class_of(name):
        return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))

    names = [n for n in all_types(files) if arguments.type in (None, n)]
    if not names:
        published.fail("there is no message type to test")
    maker = samples.Maker(class_of, arguments.seed)
    expected = Expected(pool)
    records = []
    for name in names:
        for label, data in maker.samples(name):
            message = class_of(name)()
            message.ParseFromString(data)
            records.append((name, label, data, message))

    problems = []

    def same(name, hexes, message):
        back = class_of(name)()
        back.ParseFromString(bytes.fromhex(hexes))
        return canonical(back, class_of) == canonical(message, class_of)

    # Wire to JSON, long and short.
    texts = run_filter(arguments.filter, [f"json {n} {data.hex()}" for n, _, data, _ in records])
    brief = run_filter(arguments.filter,
                       [f"json-short {n} {data.hex()}" for n, _, data, _ in records])
    own_names, back, kept, refused = [], [], [], 0
    for i, ((name, label, _, message), text) in enumerate(zip(records, texts)):
        try:
            value = json_format.MessageToDict(message, descriptor_pool=pool)
        except (json_format.SerializeToJsonError, DecodeError):
            # Merging made a duration that has no JSON form, or an Any with another type's bytes.
            refused += 1
            if not text.startswith("error "):
                problems.append(f"{name} ({label}): {text!r}, expected an error")
            continue
        kept.append(i)
        want = json.dumps(expected.ordered(message.DESCRIPTOR, value), indent=2,
                          ensure_ascii=False)
        if text != "ok " + want.replace("\n", "\x1e"):
            problems.append(f"{name} ({label}): {text!r}, expected {want!r}")
        own_names.append(json_format.MessageToJson(message, preserving_proto_field_name=True,
                                                   indent=None, descriptor_pool=pool))
    records, texts, brief = [[items[i] for i in kept] for items in (records, texts, brief)]
    # JSON to wire: our text, our short text, the reference's text with the schema's names.
    for verb, replies in (("wire", texts), ("wire-short", brief)):
        back.append((verb, [f"{verb} {record[0]} {reply[3:]}".replace("\x1e", " ")
                            for record, reply in zip(records, replies)]))
    back.append(("names", [f"wire {record[0]} {text}" for record, text in zip(records, own_names)]))
    for verb, lines in back:
        for (name, label, _, message), reply, line in zip(
                records, run_filter(arguments.filter, lines), lines):
            if not reply.startswith("ok ") or not same(name, reply[3:], message):
                problems.append(f"{name} ({label}), {verb}: {line!r} became {reply!r}")

    for problem in problems[:MAX_SHOWN]:
        print(problem[:1500], file=sys.stderr)
    print(f"protobuf JSON against Python protobuf {google.protobuf.__version__}, seed "
          f"{arguments.seed}: {len(names)} types, {len(records)} messages, {4 * len(records)} "
          f"conversions compared, {refused} messages refused by both, {len(problems)} differ")
    return 1 if problems or not records else 0


if __name__ == "__main__":
    sys.exit(main())
