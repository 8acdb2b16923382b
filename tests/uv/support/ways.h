// Ways to an H2Server other than an address: a list of addresses, a proxy, a socket of the host's.
#ifndef MINIM_TESTS_UV_SUPPORT_WAYS_H_
#define MINIM_TESTS_UV_SUPPORT_WAYS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "minim/dialer.h"
#include "minim/resolver.h"
#include "uv/support/h2_server.h"
#include "uv/support/listener.h"

namespace minim::test {

// Knows one list for every name.
class ListResolver final : public Resolver {
 public:
  explicit ListResolver(std::vector<rpc::Address> list) : list_(std::move(list)) {}
  void resolve(const std::string&, std::uint16_t, ResolverAnswer answer) override {
    answer.give(list_);
  }

 private:
  const std::vector<rpc::Address> list_;
};

// Hands over one end of a pair of sockets, of which the server gets the other.
class PairDialer final : public Dialer {
 public:
  explicit PairDialer(H2Server& server) : server_(server) {}
  void dial(const rpc::Address& address, DialAnswer answer) override;

 private:
  H2Server& server_;
};

// Takes whatever is asked of it for a tunnel, and gives it to the server.
class TunnelProxy {
 public:
  explicit TunnelProxy(H2Server& server);
  const std::string& target() const { return listener_.target(); }

 private:
  Listener listener_;
};

}  // namespace minim::test

#endif  // MINIM_TESTS_UV_SUPPORT_WAYS_H_
