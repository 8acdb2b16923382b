// The published schema as data: every message, enum and unary method of Temporal's services.
//
// Rows of constant tables (tables.inc) behind small values: they are copied freely, live for ever,
// need no start-up code, and know nothing of generated classes.
#ifndef MINIM_SRC_PROTOJSON_SCHEMA_H_
#define MINIM_SRC_PROTOJSON_SCHEMA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minim::protojson {

// By the numbers of google.protobuf.FieldDescriptorProto.Type.
enum class FieldType : std::uint8_t {
  kDouble = 1,
  kFloat = 2,
  kInt64 = 3,
  kUint64 = 4,
  kInt32 = 5,
  kFixed64 = 6,
  kFixed32 = 7,
  kBool = 8,
  kString = 9,
  kMessage = 11,
  kBytes = 12,
  kUint32 = 13,
  kEnum = 14,
  kSfixed32 = 15,
  kSfixed64 = 16,
  kSint32 = 17,
  kSint64 = 18,
};

// Messages whose JSON is not an object of their fields, or need not be (the last two).
enum class Special : std::uint8_t {
  kNone,
  kMapEntry,
  kAny,
  kDuration,
  kFieldMask,
  kListValue,
  kStruct,
  kTimestamp,
  kValue,
  kWrapper,
  kPayload,
  kPayloads,
};

class MessageType;

class EnumType {
 public:
  explicit EnumType(std::uint16_t row) : row_(row) {}

  std::string full_name() const;
  // "WORKFLOW_EXECUTION_STATUS_RUNNING"; nothing for a number that the schema does not know.
  std::optional<std::string> name_of(std::int32_t number) const;
  // Takes the full name, or the short one that people write: "Running".
  std::optional<std::int32_t> number_of(std::string_view name) const;
  // The short name: "ContinuedAsNew". Nothing for an unknown number.
  std::optional<std::string> short_name_of(std::int32_t number) const;
  bool is_null_value() const;  // google.protobuf.NullValue, whose JSON is null

  std::size_t value_count() const;
  std::int32_t value_number(std::size_t index) const;  // in declaration order

 private:
  std::uint16_t row_;
};

class Field {
 public:
  explicit Field(std::uint16_t row) : row_(row) {}

  std::string_view name() const;  // "workflow_id"
  std::string json_name() const;  // "workflowId"
  std::uint32_t number() const;
  FieldType type() const;
  bool is_repeated() const;  // true for maps too
  bool is_map() const;
  bool in_oneof() const;         // a message has one oneof at most
  bool has_presence() const;     // unset and zero differ on the wire
  MessageType message() const;   // of kMessage fields
  EnumType enumeration() const;  // of kEnum fields

 private:
  std::uint16_t row_;
};

class MessageType {
 public:
  explicit MessageType(std::uint16_t row) : row_(row) {}

  std::string full_name() const;  // "temporal.api.common.v1.Payload"
  Special special() const;
  std::size_t field_count() const;
  Field field(std::size_t index) const;  // in declaration order
  // The index of the field; nothing when the message has no such field.
  std::optional<std::size_t> field_by_number(std::uint32_t number) const;
  std::optional<std::size_t> field_by_name(std::string_view name) const;  // JSON name or own name

  friend bool operator==(MessageType a, MessageType b) { return a.row_ == b.row_; }

 private:
  std::uint16_t row_;
};

struct Method {
  std::string path;  // "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution"
  MessageType request;
  MessageType response;
};

// By full name, without a leading dot. Linear in the number of messages, without allocation.
std::optional<MessageType> find_message(std::string_view full_name);
// By the path of a gRPC call; unary methods only.
std::optional<Method> find_method(std::string_view path);

std::size_t message_count();
MessageType message_at(std::size_t index);  // sorted by full name
std::size_t method_count();
Method method_at(std::size_t index);  // sorted by service and name
std::size_t table_bytes();            // what all tables take in a program

// "workflow_id" -> "workflowId", and back ("workflowId" -> "workflow_id").
std::string to_lower_camel(std::string_view snake);
std::string to_snake(std::string_view lower_camel);

}  // namespace minim::protojson

#endif  // MINIM_SRC_PROTOJSON_SCHEMA_H_
