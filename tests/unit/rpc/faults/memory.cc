// In front of C++'s own allocation functions and of some functions of nghttp2 and zlib. Sizes are
// malloc's own, so that blocks keep their shape and the sanitizers' malloc stays below.
#include "unit/rpc/faults/memory.h"

#include <dlfcn.h>
#include <malloc.h>
#include <nghttp2/nghttp2.h>
#include <zlib.h>

#include <cstdlib>
#include <new>

using minim::test::Memory;

namespace {

void* count_in(void* block) {
  if (block != nullptr) Memory::add(malloc_usable_size(block));
  return block;
}

void* allocate(std::size_t bytes) { return count_in(std::malloc(bytes == 0 ? 1 : bytes)); }

void* allocate_or_end(std::size_t bytes) {
  void* const block = allocate(bytes);
  if (block == nullptr) std::abort();
  return block;
}

void release(void* block) {
  if (block == nullptr) return;
  Memory::remove(malloc_usable_size(block));
  std::free(block);
}

template <class Function>
Function next_symbol(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

nghttp2_mem real_memory;  // the session's own; the same functions for all sessions

// Before each of nghttp2's blocks: its size, which the pool below does not tell.
constexpr std::size_t kHeadBytes = alignof(std::max_align_t);

char* whole_of(void* block) { return static_cast<char*>(block) - kHeadBytes; }
std::size_t& size_of(void* block) { return *reinterpret_cast<std::size_t*>(whole_of(block)); }

void* begin_block(void* whole, std::size_t bytes) {
  if (whole == nullptr) return nullptr;
  void* const block = static_cast<char*>(whole) + kHeadBytes;
  size_of(block) = bytes;
  Memory::add(bytes);
  return block;
}

void* h2_malloc(std::size_t bytes, void* pool) {
  if (Memory::fails()) return nullptr;
  return begin_block(real_memory.malloc(kHeadBytes + bytes, pool), bytes);
}

void* h2_calloc(std::size_t count, std::size_t bytes, void* pool) {
  if (Memory::fails()) return nullptr;
  return begin_block(real_memory.calloc(1, kHeadBytes + count * bytes, pool), count * bytes);
}

void h2_free(void* block, void* pool) {
  if (block == nullptr) return;
  Memory::remove(size_of(block));
  real_memory.free(whole_of(block), pool);
}

void* h2_realloc(void* block, std::size_t bytes, void* pool) {
  if (block == nullptr) return h2_malloc(bytes, pool);
  if (Memory::fails()) return nullptr;
  const std::size_t before = size_of(block);
  void* const moved =
      begin_block(real_memory.realloc(whole_of(block), kHeadBytes + bytes, pool), bytes);
  if (moved != nullptr) Memory::remove(before);
  return moved;
}

void* zlib_allocate(void*, unsigned count, unsigned bytes) {
  return Memory::fails() ? nullptr : count_in(std::calloc(count, bytes));
}
void zlib_release(void*, void* block) { release(block); }

}  // namespace

void* operator new(std::size_t bytes) { return allocate_or_end(bytes); }
void* operator new[](std::size_t bytes) { return allocate_or_end(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes); }
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { release(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { release(block); }

extern "C" int nghttp2_session_client_new3(nghttp2_session** session,
                                           const nghttp2_session_callbacks* callbacks,
                                           void* user_data, const nghttp2_option* option,
                                           nghttp2_mem* memory) {
  real_memory = *memory;
  nghttp2_mem ours{memory->mem_user_data, h2_malloc, h2_free, h2_calloc, h2_realloc};
  static const auto real = next_symbol<decltype(&nghttp2_session_client_new3)>(__func__);
  return real(session, callbacks, user_data, option, &ours);
}

extern "C" int inflateInit2_(z_stream* stream, int bits, const char* version, int size) {
  stream->zalloc = zlib_allocate;
  stream->zfree = zlib_release;
  static const auto real = next_symbol<decltype(&inflateInit2_)>(__func__);
  return real(stream, bits, version, size);
}

extern "C" int inflate(z_stream* stream, int flush) {
  static const auto real = next_symbol<decltype(&inflate)>(__func__);
  const uInt room = stream->avail_out;
  const int outcome = real(stream, flush);
  Memory::inflated += room - stream->avail_out;
  return outcome;
}

extern "C" int deflateInit2_(z_stream* stream, int level, int method, int bits, int memory,
                             int strategy, const char* version, int size) {
  stream->zalloc = zlib_allocate;
  stream->zfree = zlib_release;
  static const auto real = next_symbol<decltype(&deflateInit2_)>(__func__);
  return real(stream, level, method, bits, memory, strategy, version, size);
}
