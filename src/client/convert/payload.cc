#include "minim/payload.h"

#include <algorithm>

namespace minim {

namespace {

constexpr std::string_view kReferenceMessage = "temporal.api.sdk.v1.ExternalStorageReference";
constexpr std::string_view kOldReferenceEncoding = "json/external-storage-reference";

bool before(const PayloadMetadata::Entry& entry, std::string_view key) { return entry.first < key; }

}  // namespace

PayloadMetadata::PayloadMetadata(std::initializer_list<Entry> entries) {
  for (const Entry& entry : entries) set(entry.first, entry.second);
}

void PayloadMetadata::set(std::string_view key, std::string value) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), key, before);
  if (at != entries_.end() && at->first == key) {
    at->second = std::move(value);
  } else {
    entries_.emplace(at, std::string(key), std::move(value));
  }
}

void PayloadMetadata::remove(std::string_view key) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), key, before);
  if (at != entries_.end() && at->first == key) entries_.erase(at);
}

const std::string* PayloadMetadata::find(std::string_view key) const {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), key, before);
  return at != entries_.end() && at->first == key ? &at->second : nullptr;
}

std::string_view Payload::encoding() const {
  const std::string* const found = metadata.find("encoding");
  return found == nullptr ? std::string_view() : std::string_view(*found);
}

bool Payload::is_external_reference() const {
  if (encoding() == kOldReferenceEncoding) return true;
  const std::string* const type = metadata.find("messageType");
  return encoding() == kEncodingJsonProtobuf && type != nullptr && *type == kReferenceMessage;
}

Payload make_payload(std::string_view encoding, std::string data) {
  Payload payload;
  payload.metadata.set("encoding", std::string(encoding));
  payload.data = std::move(data);
  return payload;
}

}  // namespace minim
