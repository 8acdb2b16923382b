// Bytes waiting to be taken from the front, in one block that is given back when all are taken.
#ifndef MINIM_TLS_BYTE_QUEUE_H_
#define MINIM_TLS_BYTE_QUEUE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace minim::tls {

class ByteQueue {
 public:
  ByteQueue() = default;
  ByteQueue(const ByteQueue&) = delete;
  ByteQueue& operator=(const ByteQueue&) = delete;
  ~ByteQueue() { clear(); }

  bool empty() const { return taken_ == bytes_.size(); }
  std::size_t size() const { return bytes_.size() - taken_; }
  std::string_view view() const { return std::string_view(bytes_).substr(taken_); }
  void append(std::string_view bytes);
  void consume(std::size_t count);  // more than there is: all
  // Zeroes what was held: plain bytes may carry an API key.
  void clear();

 private:
  std::string bytes_;
  std::size_t taken_ = 0;  // of bytes_, from its start; never beyond its end
};

}  // namespace minim::tls

#endif  // MINIM_TLS_BYTE_QUEUE_H_
