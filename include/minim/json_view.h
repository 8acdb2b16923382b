// JsonView: what a Conversion reads a value from.
#ifndef MINIM_JSON_VIEW_H_
#define MINIM_JSON_VIEW_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "minim/payload.h"
#include "minim/status.h"

namespace minim {

namespace json {
class Value;
}

// A value within a parsed JSON document. As cheap to copy as a pointer; valid while the decoding
// call that handed it out runs. Errors are INVALID_ARGUMENT, name the kinds and never the content.
class JsonView {
 public:
  enum class Kind : std::uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

  explicit JsonView(const json::Value& node) : node_(&node) {}

  Kind kind() const;
  bool is_null() const { return kind() == Kind::kNull; }

  // Scalars. A number without its fraction, and a boolean as 0 or 1, read as an integer; a boolean
  // reads as a number too. What does not fit is an error, and so is every other mix of kinds.
  // `out` is unchanged on error.
  Status read(bool& out) const;
  Status read(std::int64_t& out) const;
  Status read(std::uint64_t& out) const;
  Status read(float& out) const;
  Status read(double& out) const;
  Status read(std::string& out) const;  // UTF-8

  // Elements of an array or members of an object; 0 for every other kind.
  std::size_t size() const;
  JsonView at(std::size_t index) const;           // index < size()
  std::string_view key(std::size_t index) const;  // of an object's member, index < size()
  // The member of that name; nothing when there is none or this is no object.
  std::optional<JsonView> find(std::string_view name) const;

  // This value as JSON text, numbers as they were written.
  std::string text() const;

  // The error for a value of the wrong kind: "expected <what>, found a string".
  Status mismatch(std::string_view what) const;

 private:
  const json::Value* node_;
};

namespace internal {

// The JSON document in a payload. json/plain is parsed, binary/null is null; other encodings are
// refused with INVALID_ARGUMENT.
class JsonDocument {
 public:
  JsonDocument();
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;
  ~JsonDocument();

  Status open(const Payload& payload);
  JsonView root() const { return JsonView(*root_); }

 private:
  std::unique_ptr<json::Value> root_;
};

}  // namespace internal

}  // namespace minim

#endif  // MINIM_JSON_VIEW_H_
