// The header list of requests that are alike: prepared once, encoded once, sent many times.
#ifndef MINIM_H2_REQUEST_HEAD_H_
#define MINIM_H2_REQUEST_HEAD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "grpcframe/header_field.h"

namespace minim::h2 {

// Belongs to the session that sends it. Must stay, with the text that its fields refer to, until
// each stream that was started with it has ended or was cancelled.
class RequestHead {
 public:
  static constexpr std::size_t kNoVarying = SIZE_MAX;

  // The field at `varying` has another value in each request; it is never indexed.
  explicit RequestHead(std::vector<HeaderField> fields, std::size_t varying = kNoVarying)
      : fields_(std::move(fields)), varying_(varying) {}
  RequestHead(const RequestHead&) = delete;
  RequestHead& operator=(const RequestHead&) = delete;
  ~RequestHead() { wipe(block_); }  // it may hold credentials

  const std::vector<HeaderField>& fields() const { return fields_; }

 private:
  friend class HeaderEncoder;

  const std::vector<HeaderField> fields_;
  const std::size_t varying_;
  // The encoder's: the block as of its table's `version_`, and where the varying value goes in.
  std::string block_;
  std::size_t gap_ = 0;
  std::uint64_t version_ = 0;  // 0: not encoded yet
};

}  // namespace minim::h2

#endif  // MINIM_H2_REQUEST_HEAD_H_
