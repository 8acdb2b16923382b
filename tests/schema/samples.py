"""Makes sample messages of every type from its descriptor: each field alone with edge values, all
fields, random ones, unknown fields and enum numbers, and serialisations that must be merged."""

import math
import random
import struct

from google.protobuf import descriptor as d

TEXTS = ("a", "h\u00e9llo \u65e5\u672c \U0001f600", "a\"b\\c/d\n\t\r\b\f\x00\x1f\x7f\u2028<>&'", "")
BYTES = (b"\x00", b"\x00\xff", b"abc", b"\xfb\xff\xfe\x00", b"")
DOUBLES = (1.0, -0.0, 0.1 + 0.2, 1e15, 1e16, 1e-5, 5e-324, 1.7976931348623157e308,
           math.inf, -math.inf, math.nan, 0.0)
# No subnormal floats: the reference does not write those in their shortest form.
FLOATS = (2.5, -0.0, 0.1, 16777216.0, 3.4028234663852886e38, 1.1754943508222875e-38, math.inf,
          math.nan)
INT32 = (1, -1, 2**31 - 1, -2**31, 0)
INT64 = (1, -1, 2**53 + 1, 2**63 - 1, -2**63, 0)
UINT32 = (1, 2**32 - 1, 0)
UINT64 = (1, 2**63, 2**64 - 1, 0)
EDGES = {
    d.FieldDescriptor.TYPE_DOUBLE: DOUBLES, d.FieldDescriptor.TYPE_FLOAT: FLOATS,
    d.FieldDescriptor.TYPE_INT64: INT64, d.FieldDescriptor.TYPE_UINT64: UINT64,
    d.FieldDescriptor.TYPE_INT32: INT32, d.FieldDescriptor.TYPE_FIXED64: UINT64,
    d.FieldDescriptor.TYPE_FIXED32: UINT32, d.FieldDescriptor.TYPE_BOOL: (True, False),
    d.FieldDescriptor.TYPE_STRING: TEXTS, d.FieldDescriptor.TYPE_BYTES: BYTES,
    d.FieldDescriptor.TYPE_UINT32: UINT32, d.FieldDescriptor.TYPE_SFIXED32: INT32,
    d.FieldDescriptor.TYPE_SFIXED64: INT64, d.FieldDescriptor.TYPE_SINT32: INT32,
    d.FieldDescriptor.TYPE_SINT64: INT64,
}
TIMES = ((0, 0), (1577840461, 1000), (-1, 500000000), (-62135596800, 0), (253402300799, 999999999),
         (1, 120000000))
DURATIONS = ((0, 0), (1, 500000000), (-1, -500000000), (0, -500000000), (315576000000, 0), (10, 1),
             (5, 1000))
MASKS = ((), ("a",), ("task_queue.name", "b_c"))
ANY_TYPES = ("temporal.api.common.v1.WorkflowExecution", "google.protobuf.Duration",
             "google.protobuf.Struct", "temporal.api.failure.v1.Failure",
             "temporal.api.common.v1.Payload", "google.protobuf.Int64Value")
MAX_DEPTH = 4


def is_map(field):
    return field.message_type is not None and field.message_type.GetOptions().map_entry


class Maker:
    def __init__(self, class_of, seed):
        self.class_of, self.random = class_of, random.Random(seed)

    def edges(self, field):
        if field.type == field.TYPE_ENUM:
            return [v.number for v in field.enum_type.values] + [999, -1]
        return EDGES[field.type]

    def pick(self, field):
        return self.random.choice(list(self.edges(field)))

    def fill_special(self, message, depth):
        """Types whose values JSON restricts. False when this is none of them."""
        name = message.DESCRIPTOR.full_name
        if name == "google.protobuf.Timestamp":
            message.seconds, message.nanos = self.random.choice(TIMES)
        elif name == "google.protobuf.Duration":
            message.seconds, message.nanos = self.random.choice(DURATIONS)
        elif name == "google.protobuf.FieldMask":
            message.paths.extend(self.random.choice(MASKS))
        elif name == "google.protobuf.Value":
            kinds = ["null_value", "number_value", "string_value", "bool_value"]
            if depth < MAX_DEPTH:
                kinds += ["struct_value", "list_value"]
            kind = self.random.choice(kinds)
            if kind in ("struct_value", "list_value"):
                self.fill(getattr(message, kind), depth + 1)
                getattr(message, kind).SetInParent()
            else:
                setattr(message, kind, {"null_value": 0, "bool_value": True, "string_value": "NaN",
                                        "number_value": self.random.choice((1, 0.5, -1e300))}[kind])
        elif name == "google.protobuf.Any":
            kind = self.random.choice(ANY_TYPES)
            inner = self.class_of(kind)()
            if depth < MAX_DEPTH:
                self.fill(inner, depth + 1)
            message.Pack(inner)
        else:
            return False
        return True

    def set_scalar(self, message, field, value):
        if field.is_repeated:
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)

    def put(self, message, field, depth):
        """Sets one field to something random."""
        count = self.random.randint(1, 3)
        if is_map(field):
            key, value = field.message_type.fields_by_name["key"], \
                field.message_type.fields_by_name["value"]
            target = getattr(message, field.name)
            for _ in range(count):
                name = self.pick(key)
                if value.message_type is not None:
                    self.fill(target[name], depth + 1)
                else:
                    target[name] = self.pick(value)
        elif field.message_type is not None:
            if field.is_repeated:
                for _ in range(count):
                    self.fill(getattr(message, field.name).add(), depth + 1)
            else:
                getattr(message, field.name).SetInParent()
                self.fill(getattr(message, field.name), depth + 1)
        elif field.is_repeated:
            for _ in range(count):
                self.set_scalar(message, field, self.pick(field))
        else:
            self.set_scalar(message, field, self.pick(field))

    def fill(self, message, depth, chance=0.4):
        if self.fill_special(message, depth):
            return message
        for field in message.DESCRIPTOR.fields:
            nested = field.message_type is not None
            if self.random.random() < chance and not (nested and depth >= MAX_DEPTH):
                self.put(message, field, depth)
        return message

    def unknown_fields(self):
        """One unknown field of each wire type, a group with a group inside among them."""
        def tag(number, kind):
            value, out = number << 3 | kind, b""
            while value > 127:
                out, value = out + bytes([value & 127 | 128]), value >> 7
            return out + bytes([value])
        return (tag(19000, 0) + b"\xff\x01" + tag(19001, 1) + bytes(8) + tag(19002, 2) + b"\x02ab"
                + tag(19003, 3) + tag(1, 0) + b"\x05" + tag(7, 3) + tag(7, 4) + tag(19003, 4)
                + tag(19004, 5) + struct.pack("<I", 7))

    def samples(self, name):
        """(label, serialised message) for one type."""
        cls = self.class_of(name)
        restricted = self.fill_special(cls(), MAX_DEPTH)
        if restricted:
            for i in range(30):
                yield f"random {i}", self.fill(cls(), 0).SerializeToString()
            return
        yield "empty", b""
        for field in cls.DESCRIPTOR.fields:
            if field.message_type is None:
                for value in self.edges(field):
                    message = cls()
                    self.set_scalar(message, field, value)
                    yield f"{field.name} = {value!r}", message.SerializeToString()
            else:
                message = cls()
                self.put(message, field, MAX_DEPTH)
                yield f"{field.name} empty", message.SerializeToString()
                message = cls()
                self.put(message, field, 1)
                yield f"{field.name} filled", message.SerializeToString()
        for depth in (1, MAX_DEPTH - 1):
            yield "all fields", self.fill(cls(), depth, 1.1).SerializeToString()
        for i in range(3):
            one, two = self.fill(cls(), 1), self.fill(cls(), 1)
            yield f"random {i}", one.SerializeToString()
            yield f"unknown {i}", self.unknown_fields() + one.SerializeToString()
            yield f"merged {i}", one.SerializeToString() + two.SerializeToString()
