// A table of system calls for tests: the real ones, of which any can be made to fail, a name server
// that answers when the test says so, and a clock that the test can hold.
#ifndef MINIM_TESTS_UV_SUPPORT_FAKE_SYSTEM_H_
#define MINIM_TESTS_UV_SUPPORT_FAKE_SYSTEM_H_

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <utility>

#include "uv/system.h"

namespace minim::test {

// Shared by all fake systems, because the table holds plain functions. reset() before use.
struct Fake {
  static inline std::atomic<int> calls = 0;            // made in all
  static inline std::atomic<int> fail_at = 0;          // this one fails, counted from 1; 0: none
  static inline std::atomic<int> error = ECONNRESET;   // with this errno value
  static inline std::atomic<int> sockets_to_fail = 0;  // the next ones, with EMFILE
  static inline std::atomic<int> opened = 0;           // sockets, not yet closed
  static inline std::atomic<int> sends = 0;
  static inline std::atomic<int> receives = 0;
  static inline std::atomic<int> poll_starts = 0;
  static inline std::atomic<bool> names_resolve = true;
  static inline std::atomic<bool> names_wait = false;  // lookups wait until it is false
  static inline std::atomic<int> lookups = 0;          // begun
  static inline std::atomic<std::size_t> send_at_most = SIZE_MAX;
  static inline std::atomic<int> sends_to_fail = 0;  // the next ones, with EPIPE
  // Bytes that are still taken by all sends together; then they fail with EPIPE.
  static inline std::atomic<std::size_t> send_budget = SIZE_MAX;

  // Called once, right before the next send.
  static inline std::function<void()> before_send;

  // The last socket that was opened, for tests that look at it.
  static inline std::atomic<int> last_socket = -1;

  // A held clock stands still but for advance(), and the loop's timer goes by it.
  static inline bool is_clock_held = false;
  static inline Time time{};
  static inline uv_timer_t* timer = nullptr;
  static inline uv_timer_cb timer_callback = nullptr;
  static inline Time timer_due = kNever;
  static void hold_clock() {
    is_clock_held = true;
    time = std::chrono::steady_clock::now();
  }
  static void advance(Duration step) {
    time += step;
    // What the driver adds for a libuv clock that lags behind is real time.
    if (timer_due > time + std::chrono::seconds(1)) return;
    timer_due = kNever;
    ::uv_timer_start(timer, timer_callback, 0, 0);
  }

  static void reset() {
    calls = fail_at = sockets_to_fail = sends_to_fail = opened = sends = receives = poll_starts =
        lookups = 0;
    error = ECONNRESET;
    is_clock_held = false;
    timer_due = kNever;
    before_send = nullptr;
    names_resolve = true;
    send_at_most = send_budget = SIZE_MAX;
    let_names_go();
  }
  static void let_names_go() {
    names_wait = false;
    names_wait.notify_all();
  }
  static void wait_for_lookups(int count) {
    for (int seen; (seen = lookups) < count;) lookups.wait(seen);
  }
  // True if this call is the one to fail.
  static bool fails() { return ++calls == fail_at; }
};

inline const uv::System& fake_system() {
  static const uv::System kFake = [] {
    uv::System system = uv::real_system();
    system.socket = [](int domain, int type, int protocol) {
      if (Fake::fails()) return errno = Fake::error, -1;
      if (Fake::sockets_to_fail > 0) return --Fake::sockets_to_fail, errno = EMFILE, -1;
      ++Fake::opened;
      return Fake::last_socket = ::socket(domain, type, protocol);
    };
    system.connect = [](int fd, const sockaddr* address, socklen_t length) {
      if (Fake::fails()) return errno = Fake::error, -1;
      return ::connect(fd, address, length);
    };
    system.send = [](int fd, const void* bytes, size_t count, int flags) -> ssize_t {
      ++Fake::sends;
      if (const auto first = std::exchange(Fake::before_send, nullptr)) first();
      if (Fake::fails()) return errno = Fake::error, -1;
      if (Fake::sends_to_fail > 0) return --Fake::sends_to_fail, errno = EPIPE, -1;
      if (Fake::send_budget == 0) return errno = EPIPE, -1;
      count = std::min<size_t>({count, Fake::send_at_most, Fake::send_budget});
      const ssize_t sent = ::send(fd, bytes, count, flags);
      if (sent > 0 && Fake::send_budget != SIZE_MAX) {
        Fake::send_budget -= static_cast<size_t>(sent);
      }
      return sent;
    };
    system.recv = [](int fd, void* bytes, size_t count, int flags) -> ssize_t {
      ++Fake::receives;
      if (Fake::fails()) return errno = Fake::error, -1;
      return ::recv(fd, bytes, count, flags);
    };
    system.getsockopt = [](int fd, int level, int name, void* value, socklen_t* length) {
      if (Fake::fails()) return errno = Fake::error, -1;
      return ::getsockopt(fd, level, name, value, length);
    };
    system.setsockopt = [](int fd, int level, int name, const void* value, socklen_t length) {
      if (Fake::fails()) return errno = Fake::error, -1;
      return ::setsockopt(fd, level, name, value, length);
    };
    system.getpeername = [](int fd, sockaddr* address, socklen_t* length) {
      if (Fake::fails()) return errno = Fake::error, -1;
      return ::getpeername(fd, address, length);
    };
    system.getsockname = [](int fd, sockaddr* address, socklen_t* length) {
      if (Fake::fails()) return errno = Fake::error, -1;
      return ::getsockname(fd, address, length);
    };
    system.set_close_on_exec = [](int fd) {
      if (Fake::fails()) return errno = Fake::error, -1;
      return uv::real_system().set_close_on_exec(fd);
    };
    system.close = [](int fd) {
      --Fake::opened;
      const int result = uv::real_system().close(fd);  // a failed close() has closed all the same
      return Fake::fails() ? (errno = Fake::error, -1) : result;
    };
    system.set_nonblocking = [](int fd) {
      if (Fake::fails()) return errno = Fake::error, -1;
      return uv::real_system().set_nonblocking(fd);
    };
    system.getaddrinfo = [](const char*, const char*, const addrinfo* hints, addrinfo** found) {
      const bool fails = Fake::fails();
      ++Fake::lookups;
      Fake::lookups.notify_all();
      Fake::names_wait.wait(true);
      if (fails) return EAI_AGAIN;
      if (!Fake::names_resolve) return EAI_NONAME;
      return ::getaddrinfo("127.0.0.1", nullptr, hints, found);
    };
    system.pthread_create = [](pthread_t* thread, const pthread_attr_t* attributes,
                               void* (*body)(void*), void* argument) {
      if (Fake::fails()) return EAGAIN;
      return ::pthread_create(thread, attributes, body, argument);
    };
    system.mmap = [](void* address, size_t length, int protection, int flags, int fd,
                     off_t offset) {
      if (Fake::fails()) return errno = Fake::error, MAP_FAILED;
      return ::mmap(address, length, protection, flags, fd, offset);
    };
    system.madvise = [](void* address, size_t length, int advice) {
      if (Fake::fails()) return errno = Fake::error, -1;
      return ::madvise(address, length, advice);
    };
    system.uv_loop_init = [](uv_loop_t* loop) {
      return Fake::fails() ? UV_EMFILE : ::uv_loop_init(loop);
    };
    system.uv_async_init = [](uv_loop_t* loop, uv_async_t* handle, uv_async_cb callback) {
      return Fake::fails() ? UV_ENOMEM : ::uv_async_init(loop, handle, callback);
    };
    // Never fails: libuv's refuses a handle that closes, and nothing else.
    system.uv_timer_start = [](uv_timer_t* handle, uv_timer_cb callback, uint64_t timeout,
                               uint64_t repeat) {
      if (!Fake::is_clock_held) return ::uv_timer_start(handle, callback, timeout, repeat);
      Fake::timer = handle;
      Fake::timer_callback = callback;
      Fake::timer_due = Fake::time + std::chrono::milliseconds(timeout);
      return 0;
    };
    system.now = [] { return Fake::is_clock_held ? Fake::time : std::chrono::steady_clock::now(); };
    system.uv_poll_init = [](uv_loop_t* loop, uv_poll_t* handle, int fd) {
      return Fake::fails() ? UV_ENOMEM : ::uv_poll_init(loop, handle, fd);
    };
    system.uv_poll_start = [](uv_poll_t* handle, int events, uv_poll_cb callback) {
      ++Fake::poll_starts;
      return Fake::fails() ? UV_ENOMEM : ::uv_poll_start(handle, events, callback);
    };
    return system;
  }();
  return kFake;
}

}  // namespace minim::test

#endif  // MINIM_TESTS_UV_SUPPORT_FAKE_SYSTEM_H_
