// Metadata: the key-value pairs that travel beside a call (gRPC PROTOCOL-HTTP2, Custom-Metadata).
#ifndef MINIM_METADATA_H_
#define MINIM_METADATA_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "minim/status.h"

namespace minim {

// Ordered; a key may occur several times and every occurrence is kept. Keys are stored in lower
// case. A key that ends in "-bin" holds raw bytes (base64 on the wire only); any other key holds
// printable ASCII (0x20 to 0x7e).
class Metadata {
 public:
  struct Entry {
    std::string key;
    std::string value;
  };

  Metadata() = default;
  Metadata(std::initializer_list<Entry> entries);

  // Appends; the key is lower-cased. Nothing is checked here: validate() does that once, before
  // anything is sent.
  void add(std::string_view key, std::string_view value);
  // Replaces every entry of that key by one.
  void set(std::string_view key, std::string_view value);
  void remove(std::string_view key);

  // The last value of a key (given in lower case), or null.
  const std::string* find(std::string_view key) const;

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

  // INVALID_ARGUMENT naming the first bad key, never its value: it may be a secret. Bad are: an
  // empty key; a character outside [0-9a-z_.-]; a name that the library or HTTP/2 sets itself
  // (":...", "grpc-..." except grpc-timeout, te, content-type, content-length, user-agent, host and
  // the connection-specific ones); a value of an ASCII key with a byte outside 0x20 to 0x7e or with
  // a space at either end (a peer treats such a request as malformed: RFC 9113, 8.2.1).
  Status validate() const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace minim

#endif  // MINIM_METADATA_H_
