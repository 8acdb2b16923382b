#include "grpcframe/gzip.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#ifdef MINIM_HAVE_GZIP
#include <zlib.h>
#endif

namespace minim {

#ifdef MINIM_HAVE_GZIP

namespace {

constexpr int kGzipWindowBits = 15 + 16;  // the largest window; +16 selects gzip instead of zlib
constexpr int kMemoryLevel = 8;           // zlib's default
// zlib counts the bytes of one call in an unsigned int.
constexpr std::size_t kMaxStep = std::size_t{1} << 30;

// Owns what zlib allocates for one stream.
template <int (*kEnd)(z_stream*)>
struct Stream {
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { kEnd(&z); }
  z_stream z{};
};

// zlib does not write to its input, but its interface lacks the const.
Bytef* input(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

Status out_of_memory() { return Status(Code::kResourceExhausted, "gzip: out of memory"); }

Status corrupt(std::string_view why) {
  return Status(Code::kInternal, "compressed message is not valid gzip: " + std::string(why),
                Origin::kTransport);
}

// Not resize() alone, which may round up to twice the capacity and so pass the bound on memory.
void grow(std::string& text, std::size_t size) {
  std::string larger;
  larger.reserve(size);
  larger.append(text).resize(size);
  text = std::move(larger);
}

Status too_large(std::size_t max_bytes) {
  const std::size_t found = std::max(max_bytes, max_bytes + 1);
  return Status(Code::kResourceExhausted,
                "grpc: received message after decompression larger than max (" +
                    std::to_string(found) + " vs. " + std::to_string(max_bytes) +
                    "): see max_receive_message_bytes")
      .with_reached_server(true);
}

}  // namespace

bool gzip_available() { return true; }

Result<std::string> gzip_compress(std::string_view bytes) {
  Stream<deflateEnd> stream;
  if (deflateInit2(&stream.z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return out_of_memory();
  }
  const std::size_t bound = deflateBound(&stream.z, bytes.size());
  if (bound > std::numeric_limits<uInt>::max()) {
    return Status(Code::kResourceExhausted, "message of " + std::to_string(bytes.size()) +
                                                " bytes is too large to be compressed");
  }
  std::string compressed(bound, '\0');
  stream.z.next_in = input(bytes);
  stream.z.avail_in = static_cast<uInt>(bytes.size());
  stream.z.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.z.avail_out = static_cast<uInt>(bound);
  if (deflate(&stream.z, Z_FINISH) != Z_STREAM_END) {
    return Status(Code::kInternal, "gzip: zlib did not finish within its own bound");
  }
  compressed.resize(stream.z.total_out);
  return compressed;
}

Result<std::string> gzip_decompress(std::string_view bytes, std::size_t max_bytes) {
  Stream<inflateEnd> stream;
  if (inflateInit2(&stream.z, kGzipWindowBits) != Z_OK) return out_of_memory();

  // One byte above the limit tells "too large" from "just fits" without inflating any further.
  const std::size_t most = std::max(max_bytes, max_bytes + 1);
  std::string message(std::min(most, std::max<std::size_t>(256, 4 * bytes.size())), '\0');
  std::size_t filled = 0;
  for (;;) {
    if (filled == message.size()) {
      if (filled > max_bytes) return too_large(max_bytes);
      grow(message, message.size() > most / 2 ? most : message.size() * 2);
    }
    const std::size_t given = std::min(bytes.size(), kMaxStep);
    const std::size_t room = std::min(message.size() - filled, kMaxStep);
    stream.z.next_in = input(bytes);
    stream.z.avail_in = static_cast<uInt>(given);
    stream.z.next_out = reinterpret_cast<Bytef*>(message.data() + filled);
    stream.z.avail_out = static_cast<uInt>(room);
    const int outcome = inflate(&stream.z, Z_NO_FLUSH);
    bytes.remove_prefix(given - stream.z.avail_in);
    filled += room - stream.z.avail_out;
    if (outcome == Z_STREAM_END) {
      if (bytes.empty()) break;
      inflateReset(&stream.z);  // the next member (RFC 1952, 2.2)
    } else if (outcome == Z_MEM_ERROR) {
      return out_of_memory();
    } else if (outcome == Z_BUF_ERROR ||
               (outcome == Z_OK && bytes.empty() && stream.z.avail_out != 0)) {
      // Input used up with room to spare: whatever is missing will not come.
      return corrupt("it ends after " + std::to_string(filled) + " bytes of output");
    } else if (outcome != Z_OK) {
      return corrupt(stream.z.msg != nullptr ? stream.z.msg : "unknown zlib error");
    }
  }
  if (filled > max_bytes) return too_large(max_bytes);
  message.resize(filled);
  return message;
}

#else

namespace {

Status not_built_in() {
  return Status(Code::kUnimplemented, "gzip is not built in: build with MINIM_GZIP=ON");
}

}  // namespace

bool gzip_available() { return false; }
Result<std::string> gzip_compress(std::string_view) { return not_built_in(); }
Result<std::string> gzip_decompress(std::string_view, std::size_t) { return not_built_in(); }

#endif

}  // namespace minim
