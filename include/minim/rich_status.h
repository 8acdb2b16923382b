// google.rpc.Status as it travels in grpc-status-details-bin: code int32 = 1, message string = 2,
// details repeated Any = 3 {type_url = 1, value = 2}. Read without a protobuf runtime, so that the
// core needs none.
#ifndef MINIM_RICH_STATUS_H_
#define MINIM_RICH_STATUS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minim {

struct RichStatus {
  struct Detail {
    std::string type;   // full message name: type_url after its last '/'
    std::string value;  // serialised message
  };
  std::int32_t code = 0;
  std::string message;
  std::vector<Detail> details;
};

// What Status::details() says: the server's own code and text, and its typed details. Nothing if
// `bytes` is not a well-formed message; unknown fields are skipped.
std::optional<RichStatus> parse_rich_status(std::string_view bytes);

}  // namespace minim

#endif  // MINIM_RICH_STATUS_H_
