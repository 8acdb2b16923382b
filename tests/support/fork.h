// What the tests of forked children share.
#ifndef MINIM_TESTS_SUPPORT_FORK_H_
#define MINIM_TESTS_SUPPORT_FORK_H_

#include <sys/wait.h>
#include <unistd.h>

namespace minim::test {

inline constexpr char kForkRefusal[] =
    "FAILED_PRECONDITION (local): this process was forked after the client was made: make a new "
    "one here";

// True if `child` returned true in a forked child, and in time.
template <class Child>
bool holds_in_child(const Child& child) {
  const pid_t process = fork();
  if (process == 0) {
    alarm(60);
    _exit(child() ? 0 : 1);
  }
  int status = 0;
  return waitpid(process, &status, 0) == process && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace minim::test

#endif  // MINIM_TESTS_SUPPORT_FORK_H_
