#include "uv/fork_guard.h"

#include <sys/mman.h>
#include <unistd.h>

namespace minim::uv {

namespace {

// One byte is used, but the kernel wipes whole pages.
constexpr size_t kPageBytes = 4096;

}  // namespace

ForkGuard::ForkGuard(const System& system) : process_(getpid()) {
#ifdef MADV_WIPEONFORK
  void* const page =
      system.mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return;
  // Linux before 4.14 refuses the advice; getpid() serves there.
  if (system.madvise(page, kPageBytes, MADV_WIPEONFORK) != 0) {
    munmap(page, kPageBytes);
    return;
  }
  *static_cast<char*>(page) = 1;
  page_ = static_cast<const char*>(page);
#else
  static_cast<void>(system);
#endif
}

ForkGuard::~ForkGuard() {
  if (page_ != nullptr) munmap(const_cast<char*>(page_), kPageBytes);
}

bool ForkGuard::is_other_process() const { return getpid() != process_; }

}  // namespace minim::uv
