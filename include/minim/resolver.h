// Resolver: a host's own way from names to addresses.
#ifndef MINIM_RESOLVER_H_
#define MINIM_RESOLVER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "minim/result.h"
#include "minim/rpc/target.h"

namespace minim {

namespace uv {
class HostAnswer;
}  // namespace uv

// Where a resolver puts what it has found: once, at once or later, on any thread, also when the
// client is gone. Destroyed without an answer it says that there is none (UNAVAILABLE).
class ResolverAnswer {
 public:
  explicit ResolverAnswer(std::unique_ptr<uv::HostAnswer> slot);
  ResolverAnswer(ResolverAnswer&&) noexcept;
  ResolverAnswer& operator=(ResolverAnswer&&) = delete;
  ~ResolverAnswer();

  // Addresses in the order in which they are to be tried; or why there is none, in words for the
  // error of the calls that wait.
  void give(Result<std::vector<rpc::Address>> addresses);

 private:
  std::unique_ptr<uv::HostAnswer> slot_;
};

class Resolver {
 public:
  virtual ~Resolver() = default;
  // Asked for each round of connecting; numeric addresses and unix sockets are not asked about.
  // Called on the loop's thread, where nobody may block or throw: a resolver that waits does so
  // elsewhere.
  // `port` is the target's, and is to be found in the addresses again unless the name says more
  // (SRV records). Nobody waits for the answer longer than a connection may take.
  virtual void resolve(const std::string& host, std::uint16_t port, ResolverAnswer answer) = 0;
};

}  // namespace minim

#endif  // MINIM_RESOLVER_H_
