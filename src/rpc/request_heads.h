// The header lists of a connection's requests, kept by what makes them differ. Calls of one method
// and one client share a list, and with it the work of checking, building and encoding it.
#ifndef MINIM_RPC_REQUEST_HEADS_H_
#define MINIM_RPC_REQUEST_HEADS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "h2/request_head.h"
#include "minim/rpc/connection.h"

namespace minim::rpc {

// Lists kept for requests to come: methods times clients of one connection.
inline constexpr std::size_t kMaxKeptHeads = 64;

class RequestHeads {
 public:
  struct Head {
    Head(const ConnectionOptions& options, const Request& request, bool gzip, bool timed);

    // Whether the same list goes with `request`, which has no metadata of its own.
    bool fits(const Request& request, bool with_gzip, bool with_timeout) const {
      return !common.owner_before(request.common) && !request.common.owner_before(common) &&
             gzip == with_gzip && timed == with_timeout && path == request.path;
    }
    // No call can have it any more, and what it holds may be an old key.
    bool is_stale() const { return users == 0 && has_common && common.expired(); }

    const std::string path;
    // Held by the requests: once nobody has a key any more, no list here keeps it.
    const std::weak_ptr<const Metadata> common;
    const bool has_common;
    const bool gzip;
    const bool timed;      // has grpc-timeout, its varying field
    bool is_kept = false;  // on the list; else its one call's own
    std::uint32_t users = 0;
    std::string base64;  // "-bin" values
    h2::RequestHead fields;
    std::size_t bytes = 0;  // as HTTP/2 counts them, without the text of the timeout
  };

  // `options` must outlive the heads.
  explicit RequestHeads(const ConnectionOptions& options) : options_(options) {}
  RequestHeads(const RequestHeads&) = delete;
  RequestHeads& operator=(const RequestHeads&) = delete;

  // A list that is there already, or null. Its path has been found good before.
  Head* find(const Request& request, bool gzip, bool timed);
  // Finds or makes one. `request`, which has been checked, must stay until release().
  Head& take(const Request& request, bool gzip, bool timed);
  void release(Head& head);
  std::size_t size() const { return kept_.size(); }

 private:
  Head* keep(std::unique_ptr<Head> head);

  const ConnectionOptions& options_;
  std::vector<std::unique_ptr<Head>> kept_;
  std::size_t found_ = 0;     // where find() looks first
  std::size_t replaced_ = 0;  // where keep() put the last one
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_REQUEST_HEADS_H_
