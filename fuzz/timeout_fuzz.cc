// grpc-timeout: any text parses to what the format says or to nothing; any duration survives the
// way through the header without getting shorter.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "grpcframe/timeout.h"

namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

std::string encoded(minim::Duration timeout) {
  char buffer[minim::kMaxTimeoutChars];
  return std::string(minim::encode_timeout(timeout, buffer));
}

void check_duration(minim::Duration timeout) {
  const std::string text = encoded(timeout);
  require(text.size() >= 2 && text.size() <= minim::kMaxTimeoutChars);
  const auto read = minim::parse_timeout(text);
  require(read && *read >= timeout && *read >= minim::Duration(0));
  if (timeout <= minim::Duration(0)) return require(*read == minim::Duration(0));
  require((*read - timeout).count() <= timeout.count() / 99'999);
  if (timeout == minim::Duration::max()) return;
  require(minim::parse_timeout(encoded(timeout + minim::Duration(1))) >= read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto read = minim::parse_timeout(text)) {
    require(size >= 2 && size <= minim::kMaxTimeoutChars);
    require(*read >= minim::Duration(0));
    require(text.find_first_not_of("0123456789") == size - 1);
    require(std::string_view("numSMH").find(text.back()) != std::string_view::npos);
    check_duration(*read);
  }
  std::int64_t count = 0;
  std::memcpy(&count, data, size < sizeof count ? size : sizeof count);
  check_duration(minim::Duration(count));
  return 0;
}
