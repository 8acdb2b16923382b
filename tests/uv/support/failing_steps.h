// Scenarios whose system calls fail one after the other, and what must hold after each.
#ifndef MINIM_TESTS_UV_SUPPORT_FAILING_STEPS_H_
#define MINIM_TESTS_UV_SUPPORT_FAILING_STEPS_H_

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "uv/socket.h"
#include "uv/support/fake_loop.h"
#include "uv/support/h2_server.h"

namespace minim::test {

// What the calls of a step must have done to the server: one that is OK came to it once, one that
// failed once at most, and not at all if its status says so.
class Requests {
 public:
  explicit Requests(const H2Server& server)
      : server_(server), least_(server.requests()), most_(least_) {}
  void add(const Status& status) {
    if (status.ok()) ++least_;
    if (status.ok() || status.may_have_reached_server()) ++most_;
  }
  // Once no connection is left, so that all that was sent has been seen.
  void check(const std::string& step) const {
    server_.wait_for_open(0);
    EXPECT_GE(server_.requests(), least_) << step;
    EXPECT_LE(server_.requests(), most_) << step;
  }

 private:
  const H2Server& server_;
  int least_;
  int most_;
};

// OK, or an error that says which of the failures it comes from: of the transport, or of the loop
// itself, without which nothing is sent.
inline void expect_explained(const Status& status, const std::string& step) {
  if (status.ok()) return;
  bool has_reason =
      status.message().find("temporary failure in name resolution") != std::string::npos;
  const bool is_of_loop = status.message().starts_with("cannot use the loop: ") ||
                          status.message().starts_with("cannot start the loop's thread: ");
  for (const int error : {ECONNRESET, EMFILE, ENOMEM, EPIPE, EAGAIN}) {
    has_reason |= status.message().find(uv::system_reason(error)) != std::string::npos;
  }
  EXPECT_TRUE(has_reason) << step << ": " << status.to_string();
  EXPECT_EQ(code_name(status.code()), code_name(Code::kUnavailable)) << step;
  const Origin origin = is_of_loop ? Origin::kLocal : Origin::kTransport;
  EXPECT_EQ(origin_name(status.origin()), origin_name(origin))
      << step << ": " << status.to_string();
  if (is_of_loop) {
    EXPECT_FALSE(status.may_have_reached_server()) << step;
  }
}

class FailingSteps : public FakeLoop {
 protected:
  // A call that outlasts failed connections.
  Status patient_call(const std::shared_ptr<internal::Port>& port) {
    Status result(Code::kInternal, "the call never ended");
    const auto patient = make_call(port, "/test/Echo", "hello",
                                   [&](Status status, std::string) { result = std::move(status); });
    patient->options().wait_for_ready = true;
    patient->options().retry = rpc::RetryOptions{};
    EXPECT_TRUE(port->submit(patient).ok());
    run();
    return result;
  }

  // After a step without failures: the next call works, and nothing has come twice.
  void expect_recovered(const std::shared_ptr<internal::Port>& port, Requests& requests,
                        const std::string& step) {
    Fake::fail_at = 0;
    const Status next = patient_call(port);
    EXPECT_EQ(next.to_string(), "OK") << "after " << step;
    requests.add(next);
    port->close();
    run();
    requests.check(step);
  }

  // A call that may fail, then one that may not.
  void try_call(const std::shared_ptr<internal::Port>& port, const H2Server& server,
                const std::string& step) {
    Requests requests(server);
    const Status status = call(port, "/test/Echo");
    expect_explained(status, step);
    requests.add(status);
    expect_recovered(port, requests, step);
  }

  // Two at once that a socket does not take whole.
  void try_large_calls(const std::shared_ptr<internal::Port>& port, const H2Server& server,
                       const std::string& step) {
    Requests requests(server);
    std::vector<Status> ended;
    for (int i = 0; i < 2; ++i) {
      const auto large = make_call(port, "/test/Echo", std::string(200'000, static_cast<char>(i)),
                                   [&](Status status, std::string) { ended.push_back(status); });
      if (Status refused = port->submit(large); !refused.ok()) ended.push_back(std::move(refused));
    }
    run();
    ASSERT_EQ(ended.size(), 2u) << step;
    for (const Status& status : ended) {
      expect_explained(status, step);
      requests.add(status);
    }
    expect_recovered(port, requests, step);
  }
};

// Runs `scenario` once for each system call in it, with that one failing, for several reasons. It
// gets a text for its messages; what must hold afterwards is checked there, without failures.
inline void fail_each_step(
    int fewest, const std::function<void(const std::string&)>& scenario,
    const std::function<void()>& prepare = [] {}) {
  for (const int error : {ECONNRESET, EMFILE, ENOMEM, EPIPE}) {
    int k = 0;
    do {
      prepare();
      Fake::calls = 0;
      Fake::error = error;
      Fake::fail_at = ++k;
      scenario("step " + std::to_string(k) + ", " + uv::system_reason(error));
      if (Fake::calls < k) break;
    } while (k < 500);
    EXPECT_GT(k, fewest);
    EXPECT_LT(k, 500);
    Fake::fail_at = 0;
  }
}

}  // namespace minim::test

#endif  // MINIM_TESTS_UV_SUPPORT_FAILING_STEPS_H_
