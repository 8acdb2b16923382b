// Name resolution that nobody ever waits for.
#ifndef MINIM_UV_LOOKUP_H_
#define MINIM_UV_LOOKUP_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "minim/rpc/target.h"
#include "minim/status.h"
#include "uv/mailbox.h"
#include "uv/system.h"

namespace minim::uv {

// Lookups that one loop may have running, and dials that hosts owe it, those included whose channel
// has given up on them. Further lookups wait for one of them to come back.
inline constexpr int kMaxLookups = 16;

// The address that a numeric `host` (IPv6 without brackets) stands for; nothing for a name.
std::optional<rpc::Address> numeric_address(const std::string& host, std::uint16_t port);

// Resolves `host` on a thread of its own and posts the answer, marked with `serial`, to `mailbox`.
// Not OK: no thread, and no answer follows.
//
// A getaddrinfo() that runs cannot be stopped, and can take minutes. On libuv's pool its request
// would hold the loop: uv_run() and uv_loop_close() would wait for it, and four slow ones would
// stop the host's file operations. The detached thread owns all it uses: the mailbox, which may
// have lost its loop meanwhile, and its own arguments. So the last one cleans up, and nothing
// waits.
Status start_lookup(const System& system, std::shared_ptr<Mailbox> mailbox, std::uint64_t serial,
                    std::string host, std::uint16_t port);

}  // namespace minim::uv

#endif  // MINIM_UV_LOOKUP_H_
