#include "tls/byte_queue.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace minim::tls {

void ByteQueue::append(std::string_view bytes) {
  // Growing in place would leave the old block, key and all, in freed memory.
  if (bytes_.size() + bytes.size() > bytes_.capacity()) {
    std::string larger;
    larger.reserve(std::max(size() + bytes.size(), 2 * size()));
    larger.append(view());
    clear();
    bytes_.swap(larger);
  }
  bytes_.append(bytes);
}

void ByteQueue::consume(std::size_t count) {
  taken_ += std::min(count, size());
  if (empty()) clear();
}

void ByteQueue::clear() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
  std::string().swap(bytes_);
  taken_ = 0;
}

}  // namespace minim::tls
