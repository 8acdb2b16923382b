#include "grpcframe/response_block.h"

#include <cstring>
#include <limits>

#include "base/base64.h"

namespace minim {

namespace {

constexpr std::string_view kGrpcType = "application/grpc";

enum class FieldKind : std::uint8_t {
  kCustom,
  kHttpStatus,
  kOtherPseudo,
  kIgnored,  // reserved, and of no use in a response
  kContentType,
  kStatus,
  kMessage,
  kDetails,
  kEncoding,
  kPushback,
};

// With the size known to the compiler this is one or two loads and no call.
template <std::size_t kSize>
bool same(std::string_view name, const char (&literal)[kSize]) {
  return name.size() == kSize - 1 && std::memcmp(name.data(), literal, kSize - 1) == 0;
}

FieldKind kind_of(std::string_view name) {
  if (name.starts_with(':')) {
    return same(name, ":status") ? FieldKind::kHttpStatus : FieldKind::kOtherPseudo;
  }
  switch (name.size()) {
    case 2:
      if (same(name, "te")) return FieldKind::kIgnored;
      break;
    case 11:
      if (same(name, "grpc-status")) return FieldKind::kStatus;
      break;
    case 12:
      if (same(name, "content-type")) return FieldKind::kContentType;
      if (same(name, "grpc-message")) return FieldKind::kMessage;
      break;
    case 13:
      if (same(name, "grpc-encoding")) return FieldKind::kEncoding;
      break;
    case 20:
      if (same(name, "grpc-accept-encoding")) return FieldKind::kIgnored;
      break;
    case 22:
      if (same(name, "grpc-retry-pushback-ms")) return FieldKind::kPushback;
      break;
    case 23:
      if (same(name, "grpc-status-details-bin")) return FieldKind::kDetails;
      break;
  }
  return FieldKind::kCustom;
}

// The value of one or more digits, or of `most + 1` for anything above `most`; nothing for other
// text. HTTP/2 field values have no spaces around them, so none is allowed for here.
std::optional<std::int64_t> parse_digits(std::string_view text, std::int64_t most) {
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
    if (value > most) value = most + 1;
  }
  return value;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

void read_http_status(std::string_view value, ResponseBlock& block) {
  const std::optional<std::int64_t> status = parse_digits(value, 999);
  const bool valid = status && value.size() == 3 && *status >= 100 && !block.has_http_status;
  block.http_status = valid ? static_cast<int>(*status) : -1;
  block.has_http_status = true;
}

void read_content_type(std::string_view value, ResponseBlock& block) {
  const bool already_bad = block.has_content_type && !block.is_grpc;
  block.has_content_type = true;
  if (already_bad) return;
  block.content_type = value;
  if (same(value, "application/grpc")) {  // nearly always
    block.is_grpc = true;
    return;
  }
  const std::string_view rest = value.substr(std::min(value.size(), kGrpcType.size()));
  block.is_grpc = equals_ignoring_case(value.substr(0, kGrpcType.size()), kGrpcType) &&
                  (rest.empty() || rest.front() == '+' || rest.front() == ';');
  if (!block.is_grpc || !rest.starts_with('+')) return;
  std::string_view codec = rest.substr(1, rest.find(';') - 1);
  while (codec.ends_with(' ')) codec.remove_suffix(1);
  if (!equals_ignoring_case(codec, "proto")) block.codec = codec;
}

void read_status(std::string_view value, ResponseBlock& block) {
  if (!block.has_status) {
    block.has_status = true;
    block.status = value;
    return;
  }
  const std::optional<Code> first = parse_grpc_status(block.status);
  const bool same = first ? first == parse_grpc_status(value) : block.status == value;
  if (same) return;
  block.status_conflict = true;
  block.other_status = value;
}

// Leading zeros are read over, as other clients do. Whatever is no count of milliseconds in 31 bits
// asks for no repetition at all, and so do two fields that differ.
void read_pushback(std::string_view value, Pushback& pushback) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  const std::optional<std::int64_t> delay = parse_digits(value, kMost);
  const bool readable = delay && *delay <= kMost;
  const Duration found = std::chrono::milliseconds(readable ? *delay : 0);
  const bool differs = pushback.given && found != pushback.delay;
  pushback.never = pushback.never || !readable || differs;
  pushback.delay = pushback.never ? Duration() : found;
  pushback.given = true;
}

void add_binary(const HeaderField& field, ResponseBlock& block, Metadata& custom) {
  std::string_view rest = field.value;
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    std::string_view text = rest.substr(0, comma);
    more = comma != std::string_view::npos;
    if (more) rest.remove_prefix(comma + 1);
    if (more) block.joined_bytes += field.name.size() + text.size() + kFieldOverheadBytes;
    if (block.joined_bytes > kMaxJoinedBytes) return;
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    if (const auto bytes = base64_decode(text)) custom.add(field.name, *bytes);
  }
}

}  // namespace

std::optional<Code> parse_grpc_status(std::string_view text) {
  constexpr auto kMost = static_cast<std::int64_t>(Code::kUnauthenticated);
  const std::optional<std::int64_t> number = parse_digits(text, kMost);
  if (!number || *number > kMost) return std::nullopt;
  return static_cast<Code>(*number);
}

ResponseBlock read_response_block(HeaderFields fields, Metadata& custom) {
  ResponseBlock block;
  for (const HeaderField& field : fields) {
    switch (kind_of(field.name)) {
      case FieldKind::kCustom:
        if (field.name.ends_with("-bin")) {
          add_binary(field, block, custom);
        } else {
          custom.add(field.name, field.value);
        }
        break;
      case FieldKind::kHttpStatus:
        read_http_status(field.value, block);
        break;
      case FieldKind::kOtherPseudo:
        block.has_other_pseudo = true;
        break;
      case FieldKind::kIgnored:
        break;
      case FieldKind::kContentType:
        read_content_type(field.value, block);
        break;
      case FieldKind::kStatus:
        read_status(field.value, block);
        break;
      case FieldKind::kMessage:
        block.message = field.value;
        break;
      case FieldKind::kDetails:
        block.details = field.value;
        ++block.details_count;
        break;
      case FieldKind::kEncoding:
        block.encoding = field.value;
        break;
      case FieldKind::kPushback:
        read_pushback(field.value, block.pushback);
        break;
    }
  }
  return block;
}

}  // namespace minim
