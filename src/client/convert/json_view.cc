#include "minim/json_view.h"

#include <cmath>
#include <cstddef>
#include <limits>

#include "client/convert/error.h"
#include "json/value.h"
#include "json/writer.h"
#include "minim/conversion.h"

namespace minim {

namespace {

template <class T>
Status read_integer(const JsonView& view, const json::Value& node,
                    std::optional<json::Converted<T>> number, T& out) {
  if (const std::optional<bool> flag = node.as_bool()) {
    out = *flag ? 1 : 0;
    return Status();
  }
  if (node.as_number() == nullptr) return view.mismatch("an integer");
  if (!number) return internal::out_of_range();
  out = number->value;
  return Status();
}

}  // namespace

JsonView::Kind JsonView::kind() const {
  switch (node_->kind()) {
    case json::Kind::kNull:
      return Kind::kNull;
    case json::Kind::kBool:
      return Kind::kBool;
    case json::Kind::kNumber:
      return Kind::kNumber;
    case json::Kind::kString:
      return Kind::kString;
    case json::Kind::kArray:
      return Kind::kArray;
    case json::Kind::kObject:
      return Kind::kObject;
  }
  return Kind::kNull;
}

Status JsonView::read(bool& out) const {
  const std::optional<bool> value = node_->as_bool();
  if (!value) return mismatch("a boolean");
  out = *value;
  return Status();
}

Status JsonView::read(std::int64_t& out) const {
  return read_integer(*this, *node_, node_->as_int64(), out);
}

Status JsonView::read(std::uint64_t& out) const {
  return read_integer(*this, *node_, node_->as_uint64(), out);
}

Status JsonView::read(double& out) const {
  if (const std::optional<bool> flag = node_->as_bool()) {
    out = *flag ? 1 : 0;
    return Status();
  }
  if (node_->as_number() == nullptr) return mismatch("a number");
  const std::optional<json::Converted<double>> number = node_->as_double();
  if (!number) return internal::out_of_range();
  out = number->value;
  return Status();
}

Status JsonView::read(float& out) const {
  double wide = 0;
  if (Status status = read(wide); !status.ok()) return status;
  if (std::abs(wide) > std::numeric_limits<float>::max()) return internal::out_of_range();
  out = static_cast<float>(wide);
  return Status();
}

Status JsonView::read(std::string& out) const {
  const std::string* const text = node_->as_string();
  if (text == nullptr) return mismatch("a string");
  out = *text;
  return Status();
}

std::size_t JsonView::size() const {
  if (const json::Array* const array = node_->as_array()) return array->size();
  const json::Object* const object = node_->as_object();
  return object == nullptr ? 0 : object->size();
}

JsonView JsonView::at(std::size_t index) const {
  if (const json::Array* const array = node_->as_array()) return JsonView((*array)[index]);
  return JsonView(node_->as_object()->begin()[static_cast<std::ptrdiff_t>(index)].second);
}

std::string_view JsonView::key(std::size_t index) const {
  return node_->as_object()->begin()[static_cast<std::ptrdiff_t>(index)].first;
}

std::optional<JsonView> JsonView::find(std::string_view name) const {
  const json::Object* const object = node_->as_object();
  const json::Value* const found = object == nullptr ? nullptr : object->find(name);
  return found == nullptr ? std::nullopt : std::optional<JsonView>(*found);
}

std::string JsonView::text() const { return json::write(*node_, {.indent = 0, .ascii = true}); }

Status JsonView::mismatch(std::string_view what) const {
  std::string text("expected ");
  text.append(what).append(", found ").append(json::kind_name(node_->kind()));
  return internal::invalid(std::move(text));
}

namespace internal {

JsonDocument::JsonDocument() : root_(std::make_unique<json::Value>()) {}
JsonDocument::~JsonDocument() = default;

Status JsonDocument::open(const Payload& payload) {
  if (payload.encoding() == kEncodingNull) return check_null(payload);
  if (Status status = check_encoding(payload, kEncodingJson); !status.ok()) return status;
  Result<json::Value> parsed = json::parse(payload.data);
  if (!parsed) return parsed.error();
  *root_ = std::move(parsed).value();
  return Status();
}

}  // namespace internal

}  // namespace minim
