#include "minim/metadata.h"

#include <algorithm>

namespace minim {

namespace {

// Names that the library or HTTP/2 itself owns. A second one would contradict the request that
// minim writes, and HTTP/2 forbids the connection-specific ones (RFC 9113, 8.2.2).
constexpr std::string_view kReserved[] = {
    "te",         "content-type", "content-length",   "user-agent", "host",
    "connection", "keep-alive",   "proxy-connection", "upgrade",    "transfer-encoding",
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

bool is_printable_ascii(char c) { return c >= 0x20 && c <= 0x7e; }

// The key as it may be shown: it comes from the caller, but may still be garbage.
std::string quoted(std::string_view key) {
  std::string text = "'";
  for (const char c : key.substr(0, 64)) text.push_back(is_printable_ascii(c) ? c : '?');
  if (key.size() > 64) text += "...";
  return text += "'";
}

Status bad_key(std::string_view key, std::string_view why) {
  return Status(Code::kInvalidArgument, "metadata key " + quoted(key) + std::string(why));
}

Status check_key(std::string_view key) {
  if (key.empty()) return bad_key(key, " is empty");
  if (key.front() == ':') return bad_key(key, " starts with ':', which HTTP/2 reserves");
  if (!std::all_of(key.begin(), key.end(), is_key_character)) {
    return bad_key(key, " has a character other than a-z, 0-9, '_', '-' and '.'");
  }
  if (key.starts_with("grpc-") && key != "grpc-timeout") {
    return bad_key(key, " starts with 'grpc-', which gRPC reserves");
  }
  if (std::find(std::begin(kReserved), std::end(kReserved), key) != std::end(kReserved)) {
    return bad_key(key, " is set by the library itself");
  }
  return Status();
}

Status check_value(std::string_view key, std::string_view value) {
  if (key.ends_with("-bin")) return Status();
  const auto bad = std::find_if_not(value.begin(), value.end(), is_printable_ascii);
  if (bad != value.end()) {
    return Status(Code::kInvalidArgument,
                  "value of metadata key " + quoted(key) + " has at offset " +
                      std::to_string(bad - value.begin()) +
                      " a byte outside 0x20 to 0x7e: binary values need a key that ends in '-bin'");
  }
  // A peer has to treat the whole request as malformed (RFC 9113, 8.2.1), so say it here.
  if (value.starts_with(' ') || value.ends_with(' ')) {
    return Status(Code::kInvalidArgument, "value of metadata key " + quoted(key) +
                                              " starts or ends with a space, which HTTP/2 forbids");
  }
  return Status();
}

}  // namespace

Metadata::Metadata(std::initializer_list<Entry> entries) {
  entries_.reserve(entries.size());
  for (const Entry& entry : entries) add(entry.key, entry.value);
}

void Metadata::add(std::string_view key, std::string_view value) {
  // Built first: both views may point into an entry that moves when the vector grows.
  Entry entry{std::string(key), std::string(value)};
  for (char& c : entry.key) c = lower(c);
  entries_.push_back(std::move(entry));
}

void Metadata::set(std::string_view key, std::string_view value) {
  Entry entry{std::string(key), std::string(value)};
  for (char& c : entry.key) c = lower(c);
  std::erase_if(entries_, [&entry](const Entry& old) { return old.key == entry.key; });
  entries_.push_back(std::move(entry));
}

void Metadata::remove(std::string_view key) {
  std::string lowered(key);
  for (char& c : lowered) c = lower(c);
  std::erase_if(entries_, [&lowered](const Entry& entry) { return entry.key == lowered; });
}

const std::string* Metadata::find(std::string_view key) const {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->key == key) return &entry->value;
  }
  return nullptr;
}

Status Metadata::validate() const {
  for (const Entry& entry : entries_) {
    if (Status status = check_key(entry.key); !status.ok()) return status;
    if (Status status = check_value(entry.key, entry.value); !status.ok()) return status;
  }
  return Status();
}

}  // namespace minim
