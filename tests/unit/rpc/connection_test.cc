#include <gtest/gtest.h>

#include "support/script.h"

namespace minim::test {

using rpc::Progress;

TEST(Connection, GoodCall) {
  Script s;
  const auto a = s.start("/svc/A");
  s.peer().reply(1, "hello");
  s.expect(a, Code::kOk, "hello");
  s.run_all_ways();
}

TEST(Connection, GoawayFinishesLaterCallsAsNotProcessed) {
  Script s;
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  s.peer().goaway(1).reply(1, "a");
  s.expect(a, Code::kOk, "a").expect(b, Code::kUnavailable, "", Progress::kNotProcessed);
  s.run_all_ways();
}

}  // namespace minim::test
