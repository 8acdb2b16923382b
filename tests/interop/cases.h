// Interop cases: what each one does with a server, and what is wrong with what came of it.
#ifndef MINIM_TESTS_INTEROP_CASES_H_
#define MINIM_TESTS_INTEROP_CASES_H_

#include <minim/minim.h>

#include <cstddef>
#include <future>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "testing.pb.h"

namespace minim::interop {

inline constexpr int kRequestBytes = 271'828;
inline constexpr int kResponseBytes = 314'159;

// A server under test, the client that the cases share, and the complaints of the case that runs.
class Peer {
 public:
  // Plaintext unless `root_certificates` (PEM) has something.
  Peer(Runtime& runtime, std::string target, std::string root_certificates);

  // A client of its own connection. Nothing is repeated: a case asks what one attempt brings.
  Client connect(bool gzip = false) const;
  const Client& client() const { return client_; }

  void complain(std::string text) { complaints_.push_back(std::move(text)); }
  void want(bool good, std::string_view what) {
    if (!good) complain(std::string(what));
  }
  void want_status(const rpc::Reply& reply, Code code, std::string_view message);
  void want_ok(const rpc::Reply& reply, std::string_view what);
  std::vector<std::string> take_complaints() { return std::exchange(complaints_, {}); }

 private:
  Runtime& runtime_;
  const std::string target_;
  const std::string root_certificates_;
  Client client_;
  std::vector<std::string> complaints_;
};

struct Case {
  std::string_view name;
  void (*run)(Peer& peer);
};
std::span<const Case> grpc_cases();
std::span<const Case> http2_cases();

// A call that has begun; its end can be waited for.
class Call {
 public:
  Call(const Client& client, std::string_view method, std::string message,
       CallOptions options = {});
  void cancel() const { ticket_.cancel(); }
  // What came of it; an operation that was ended early is a reply with that status.
  rpc::Reply wait();

 private:
  std::future<rpc::Reply> reply_;
  Ticket ticket_;
};

// Calls a method of TestService and waits.
rpc::Reply call(const Client& client, std::string_view method, std::string message,
                CallOptions options = {});
// The large request of many cases: zeros for zeros.
grpc::testing::SimpleRequest large_request();
// ... and its answer, which must be whole.
void large_unary(Peer& peer, const Client& client);
void want_large_answer(Peer& peer, const rpc::Reply& reply);

}  // namespace minim::interop

#endif  // MINIM_TESTS_INTEROP_CASES_H_
