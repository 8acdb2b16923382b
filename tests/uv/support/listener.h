// A server of a test's own, on a thread: what it does with each connection is up to the test.
#ifndef MINIM_TESTS_UV_SUPPORT_LISTENER_H_
#define MINIM_TESTS_UV_SUPPORT_LISTENER_H_

#include <functional>
#include <string>
#include <thread>

namespace minim::test {

class Listener {
 public:
  // On 127.0.0.1, any port. `serve` gets each connection, which it then owns, on the thread.
  explicit Listener(std::function<void(int fd)> serve);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  // From its return on nothing is served any more.
  ~Listener();
  const std::string& target() const { return target_; }

 private:
  int fd_ = -1;
  std::string target_;
  std::thread thread_;
};

}  // namespace minim::test

#endif  // MINIM_TESTS_UV_SUPPORT_LISTENER_H_
