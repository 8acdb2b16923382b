// A filter in place of TLS that a test can read: a greeting each way, then records of a length byte
// and bytes that are masked; a record of length 0 is the goodbye.
#ifndef MINIM_TESTS_SUPPORT_FAKE_FILTER_H_
#define MINIM_TESTS_SUPPORT_FAKE_FILTER_H_

#include <memory>
#include <string>
#include <string_view>

#include "minim/filter.h"

namespace minim::test {

inline constexpr std::string_view kFilterHello = "hello\n";
inline constexpr std::string_view kFilterWelcome = "welcome\n";

// What the far end writes after its welcome.
std::string filter_seal(std::string_view plain);

// The far end's side of what we write: the greeting goes, records are opened. For
// World::Wire::read.
class FilterReader {
 public:
  std::string operator()(std::string_view bytes);
  bool has_goodbye() const { return has_goodbye_; }

 private:
  std::string pending_;
  bool greeted_ = false;
  bool has_goodbye_ = false;
};

struct FakeFilterFactory final : FilterFactory {
  Result<std::unique_ptr<Filter>> open(const std::string& host) override;
  std::string authority() const override { return authority_override; }

  std::string authority_override;
  std::string refuse_to_open;    // the text of open()'s failure
  bool is_open_at_once = false;  // no greetings
  bool fails_to_send = false;    // what is sent from now on
  std::string last_host;
};

}  // namespace minim::test

#endif  // MINIM_TESTS_SUPPORT_FAKE_FILTER_H_
