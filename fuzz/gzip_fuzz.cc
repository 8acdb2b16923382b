// gzip: input as compressed bytes stays within the limit and ends in a message or an error; input
// as a message survives compression, at its exact limit and not below.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "grpcframe/gzip.h"

namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

void check_compressed(std::string_view bytes, std::size_t limit) {
  const minim::Result<std::string> small = minim::gzip_decompress(bytes, limit);
  const minim::Result<std::string> large = minim::gzip_decompress(bytes, std::size_t{1} << 20);
  if (small) {
    require(small->size() <= limit);
    // The buffer never grew past the limit and the one byte that shows an overrun.
    require(small->capacity() <= limit + 1 || small->capacity() < 16);
    require(large && *large == *small);
    return;
  }
  if (small.error().code() == minim::Code::kResourceExhausted) {
    require(!large || large->size() > limit);
    require(!small.error().retryable());
  } else {
    require(small.error().code() == minim::Code::kInternal);
    require(!large && large.error().code() == minim::Code::kInternal);
  }
}

void check_message(std::string_view message) {
  const minim::Result<std::string> packed = minim::gzip_compress(message);
  require(packed.has_value());
  const minim::Result<std::string> back = minim::gzip_decompress(*packed, message.size());
  require(back && *back == message);
  const minim::Result<std::string> twice =
      minim::gzip_decompress(*packed + *packed, 2 * message.size());
  require(twice && twice->size() == 2 * message.size());
  if (message.empty()) return;
  require(minim::gzip_decompress(*packed, message.size() - 1).status().code() ==
          minim::Code::kResourceExhausted);
  const std::string_view cut = std::string_view(*packed).substr(0, packed->size() - 1);
  require(!minim::gzip_decompress(cut, message.size()));
}

}  // namespace

// The first byte chooses the limit.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || !minim::gzip_available()) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_compressed(bytes, std::size_t{data[0]} * 8);
  if (data[0] < 16) check_message(bytes);
  return 0;
}
