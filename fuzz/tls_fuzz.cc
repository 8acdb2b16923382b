// Server bytes into a client filter: before, during and after the handshake.
//
// Byte 0 chooses a mode, byte 1 the size of the chunks (0: whole); the rest is the server's.
// Whatever comes: no crash, an empty error queue, and either life or a status.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "minim/tls.h"
#include "tls/support/certificates.h"
#include "tls/support/server_end.h"

namespace {

using minim::Filter;
using minim::FilterFactory;
using minim::tls::family;
using minim::tls::ServerEnd;

enum class Mode : std::uint8_t {
  kHandshake,    // raw bytes in answer to the ClientHello
  kDamaged,      // a genuine first flight, with bytes exchanged: pairs of offset and value
  kOpenRaw,      // raw bytes after the handshake
  kOpenRecords,  // well-formed records after it: tickets, key updates, goodbyes and data
};
constexpr std::uint8_t kModes = 4;
// Far above what any input here can bring forth.
constexpr std::size_t kMaxPendingBytes = 1 << 20;

void require(bool held) {
  if (!held) std::abort();
}

void check(Filter& filter) {
  require(ERR_peek_error() == 0);
  require(!filter.is_open() || filter.failed().ok());
  require(filter.output().size() < kMaxPendingBytes && filter.plain().size() < kMaxPendingBytes);
}

void feed(Filter& filter, std::string_view bytes, std::size_t chunk_bytes) {
  while (!bytes.empty()) {
    // A block of its own, so that a sanitizer sees a read beyond its end.
    const std::string chunk(bytes.substr(0, chunk_bytes));
    filter.receive(chunk);
    check(filter);
    bytes.remove_prefix(chunk.size());
  }
}

bool exchange(Filter& filter, ServerEnd& server) {
  const std::string up(filter.output());
  filter.consume_output(up.size());
  if (!up.empty()) server.receive(up);
  const std::string down = server.take_output();
  feed(filter, down, down.size());
  return !up.empty() || !down.empty();
}

void damage(std::string* flight, std::string_view pairs) {
  for (; pairs.size() >= 3 && !flight->empty(); pairs.remove_prefix(3)) {
    const std::size_t at =
        static_cast<unsigned char>(pairs[0]) * 256u + static_cast<unsigned char>(pairs[1]);
    (*flight)[at % flight->size()] = pairs[2];
  }
}

void speak(ServerEnd& server, bool is_tls13, std::string_view program) {
  for (const char operation : program.substr(0, 64)) {
    switch (operation % 8) {
      case 0:
        if (is_tls13) server.update_keys();
        break;
      case 1:
        if (is_tls13) server.send_ticket();
        break;
      case 2:
        server.close();
        return;
      default:
        server.send(program.substr(0, static_cast<unsigned char>(operation)));
        break;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<FilterFactory> factory = [] {
    minim::TlsOptions options;
    options.root_certificates = family().root.certificate_pem;
    options.session_resumption = false;  // what one input leaves behind must not change the next
    return minim::make_tls(options).value();
  }();
  if (size < 2) return 0;
  const Mode mode = static_cast<Mode>(data[0] % kModes);
  const std::size_t chunk_bytes = data[1] == 0 ? size : data[1];
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::unique_ptr<Filter> filter = factory->open("temporal.example").value();
  const bool is_tls13 = (data[0] & 0x80) == 0;
  ServerEnd server({.max_version = is_tls13 ? TLS1_3_VERSION : TLS1_2_VERSION});

  switch (mode) {
    case Mode::kHandshake:
      feed(*filter, input, chunk_bytes);
      require(!filter->is_open());
      break;
    case Mode::kDamaged: {
      server.receive(filter->output());
      filter->consume_output(filter->output().size());
      std::string flight = server.take_output();
      damage(&flight, input);
      feed(*filter, flight, std::max<std::size_t>(chunk_bytes, 16));
      break;
    }
    case Mode::kOpenRaw:
    case Mode::kOpenRecords:
      while (exchange(*filter, server)) {
      }
      require(filter->is_open());
      filter->send(input);
      check(*filter);
      if (mode == Mode::kOpenRecords) {
        speak(server, is_tls13, input);
        const std::string bytes = server.take_output();
        feed(*filter, bytes, std::max<std::size_t>(chunk_bytes, 16));
        require(filter->failed().ok());
      } else {
        feed(*filter, input, chunk_bytes);
        require(filter->plain().empty());
      }
      break;
  }
  if (filter->is_open()) filter->send("PRI");
  filter->receive_end();
  check(*filter);
  require(filter->peer_closed() || !filter->failed().ok());
  filter->close();
  check(*filter);
  return 0;
}
