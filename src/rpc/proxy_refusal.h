// A proxy's answer other than 2xx: the fields of its head, and the first line that its body says.
#ifndef MINIM_RPC_PROXY_REFUSAL_H_
#define MINIM_RPC_PROXY_REFUSAL_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace minim::rpc {

// Of the body this much is looked at.
inline constexpr std::size_t kMaxRefusalBodyBytes = std::size_t{4} << 10;

class ProxyRefusal {
 public:
  // `head`: from "HTTP/1.x NNN" to the blank line; outlives this.
  explicit ProxyRefusal(std::string_view head) : head_(head) {}

  // "502 Bad Gateway"
  std::string_view status() const;
  // The first value of a field, named in lower case.
  std::optional<std::string_view> field(std::string_view name) const;
  // The first line of text in the body so far; tags of a page are left out, so that it is the
  // page's title. Empty: it says nothing. Unset: more of it is needed, and `ended` is false.
  std::optional<std::string> first_line(std::string_view body, bool ended) const;

 private:
  std::string_view head_;
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_PROXY_REFUSAL_H_
