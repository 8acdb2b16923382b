// What a server sends of user data: payloads decoded to several types, a failure, search
// attributes. The first byte chooses; the rest is the data. No input may crash, and what decodes
// must encode and decode to the same again.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "client/convert/iso_time.h"
#include "minim/converter.h"
#include "minim/failure.h"
#include "minim/search_attributes.h"

namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

template <class T>
void round_trip(const minim::Payload& payload) {
  const minim::Result<T> value = minim::from_payload<T>(payload);
  if (!value) {
    require(value.error().message().size() < 300);
    return;
  }
  const minim::Result<minim::Payload> again = minim::to_payload(*value);
  require(again.has_value());
  const minim::Result<T> back = minim::from_payload<T>(*again);
  require(back.has_value() && *back == *value);
}

void decode_payload(std::string_view encoding, std::string_view data) {
  const minim::Payload payload = minim::make_payload(encoding, std::string(data));
  round_trip<bool>(payload);
  round_trip<std::int8_t>(payload);
  round_trip<std::int64_t>(payload);
  round_trip<std::uint64_t>(payload);
  round_trip<float>(payload);
  round_trip<double>(payload);
  round_trip<std::string>(payload);
  round_trip<minim::Bytes>(payload);
  round_trip<minim::RawJson>(payload);
  round_trip<std::optional<std::vector<std::optional<std::string>>>>(payload);
  round_trip<std::map<std::string, std::vector<double>>>(payload);
  round_trip<std::map<int, bool>>(payload);
  round_trip<std::tuple<int, std::string>>(payload);
}

void decode_failure(std::string_view bytes) {
  const minim::Result<minim::Failure> failure = minim::parse_failure(bytes);
  if (!failure) return;
  std::size_t links = 0;
  for (const minim::Failure& link : *failure) {
    ++links;
    require(!link.message().empty());
    if (const auto* info = link.as<minim::ApplicationFailure>()) {
      (void)info->details<std::string, int>();
    }
  }
  require(links <= 101);
  require(failure->to_string().find('\n') == std::string::npos);
  require(minim::parse_failure(failure->bytes()).has_value());
}

void decode_attribute(minim::SearchAttributeType type, std::string_view json) {
  minim::Payload payload = minim::make_payload(minim::kEncodingJson, std::string(json));
  payload.metadata.set("type", std::string(minim::to_string(type)));
  const auto attributes = minim::SearchAttributes::from_payloads({{"a", payload}});
  if (!attributes) return;
  const auto again = attributes->to_payloads();
  require(again.has_value());
  const auto back = minim::SearchAttributes::from_payloads(*again);
  require(back.has_value() && *back == *attributes);
}

void decode_time(std::string_view text) {
  const auto time = minim::internal::parse_iso_time(text);
  if (time) require(minim::internal::parse_iso_time(minim::internal::iso_time_text(*time)) == time);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      decode_payload(minim::kEncodingJson, rest);
      break;
    case 1:
      decode_payload(minim::kEncodingBinary, rest);
      break;
    case 2:
      decode_payload(rest.substr(0, rest.size() / 2), rest.substr(rest.size() / 2));
      break;
    case 3:
      decode_failure(rest);
      break;
    case 4:
      decode_attribute(static_cast<minim::SearchAttributeType>(1 + data[0] / 6 % 7), rest);
      break;
    case 5:
      decode_time(rest);
      break;
  }
  return 0;
}
