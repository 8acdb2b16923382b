// A client filter and a server end with a wire between them that cuts bytes into chunks. After each
// call of the filter the thread's error queue must be empty.
#ifndef MINIM_TESTS_TLS_SUPPORT_LINK_H_
#define MINIM_TESTS_TLS_SUPPORT_LINK_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "minim/tls.h"
#include "tls/support/server_end.h"

namespace minim::tls {

inline constexpr std::size_t kWhole = static_cast<std::size_t>(-1);

// Options that trust family().root.
TlsOptions trusting();

class Link {
 public:
  Link(const TlsOptions& options, const ServerSpec& server,
       const std::string& host = "temporal.example", std::size_t chunk_bytes = kWhole);

  // A connection of a factory that others use as well, perhaps to the server of another connection.
  Link(std::shared_ptr<FilterFactory> factory, const ServerSpec& server,
       const ServerEnd* same_server = nullptr, const std::string& host = "temporal.example");

  // Moves bytes both ways until nothing moves.
  void run();
  // One way each; the client's way returns false when there was nothing.
  bool client_to_server();
  bool server_to_client();

  void receive(std::string_view bytes);  // into the filter, in chunks
  void receive_end();
  void send(std::string_view plain);
  void close();
  std::string take_plain();

  Filter& filter() { return *filter_; }
  ServerEnd& server() { return server_; }
  std::string failure() { return std::string(filter_->failed().message()); }

 private:
  void check(const char* after);

  std::shared_ptr<FilterFactory> factory_;
  std::unique_ptr<Filter> filter_;
  ServerEnd server_;
  std::size_t chunk_bytes_;
};

}  // namespace minim::tls

#endif  // MINIM_TESTS_TLS_SUPPORT_LINK_H_
