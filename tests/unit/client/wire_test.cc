// The headers that every call carries (client specification 0.2).
#include "client/wire.h"

#include <gtest/gtest.h>

namespace minim::internal {
namespace {

std::string text(const std::shared_ptr<const Metadata>& metadata) {
  std::string all;
  for (const Metadata::Entry& entry : *metadata) all += entry.key + "=" + entry.value + ";";
  return all;
}

Wire::Identity identity() { return {false, "minim", "1"}; }

TEST(Wire, NamesTheClientAndTheNamespace) {
  Wire wire(nullptr, identity());
  EXPECT_EQ(text(wire.common("ns")),
            "client-name=minim;client-version=1;supported-features=follows-next-run-id;"
            "temporal-namespace=ns;");
  EXPECT_EQ(wire.common("")->find("temporal-namespace"), nullptr);
}

TEST(Wire, OurNamesWinOverClientLevelMetadata) {
  Wire wire(nullptr, identity());
  ASSERT_TRUE(wire.set_rpc_metadata({{"client-name", "x"},
                                     {"client-version", "x"},
                                     {"temporal-namespace", "x"},
                                     {"other", "a"},
                                     {"other", "b"}})
                  .ok());
  EXPECT_EQ(text(wire.common("ns")),
            "client-name=minim;client-version=1;supported-features=follows-next-run-id;"
            "other=a;other=b;temporal-namespace=ns;");
}

TEST(Wire, TheApiKeyYieldsToAnAuthorizationOfMetadata) {
  Wire wire(nullptr, identity());
  ASSERT_TRUE(wire.set_api_key("key").ok());
  EXPECT_EQ(*wire.common("")->find("authorization"), "Bearer key");
  ASSERT_TRUE(wire.set_rpc_metadata({{"authorization", "Basic x"}}).ok());
  EXPECT_EQ(*wire.common("")->find("authorization"), "Basic x");
  ASSERT_TRUE(wire.set_rpc_metadata({}).ok());
  EXPECT_EQ(*wire.common("")->find("authorization"), "Bearer key");
  ASSERT_TRUE(wire.set_api_key("").ok());
  EXPECT_EQ(wire.common("")->find("authorization"), nullptr);
}

TEST(Wire, BadCredentialsChangeNothing) {
  Wire wire(nullptr, identity());
  ASSERT_TRUE(wire.set_api_key("good").ok());
  const Status key = wire.set_api_key("secret\n");
  EXPECT_EQ(
      key.to_string(),
      "INVALID_ARGUMENT (local): api_key holds a character that a header cannot carry (a line "
      "break or space at its end?)");
  EXPECT_EQ(wire.set_api_key("secret "), key);
  EXPECT_EQ(*wire.common("")->find("authorization"), "Bearer good");

  ASSERT_TRUE(wire.set_rpc_metadata({{"a", "1"}}).ok());
  const Status metadata = wire.set_rpc_metadata({{"b", "2"}, {"a", "bell\x07"}});
  EXPECT_EQ(metadata.code(), Code::kInvalidArgument);
  EXPECT_EQ(metadata.message().rfind("rpc_metadata: ", 0), 0u) << metadata.to_string();
  EXPECT_EQ(metadata.message().find("bell"), std::string_view::npos);
  EXPECT_EQ(*wire.common("")->find("a"), "1");
  EXPECT_EQ(wire.common("")->find("b"), nullptr);
}

TEST(Wire, PlainGrpcSendsNothingOfItsOwn) {
  Wire wire(nullptr, {true, "minim", "1"});
  EXPECT_EQ(text(wire.common("ns")), "");
  ASSERT_TRUE(wire.set_rpc_metadata({{"client-name", "mine"}}).ok());
  EXPECT_EQ(text(wire.common("ns")), "client-name=mine;");
}

TEST(Wire, HeadersAreMadeOnceForEachNamespace) {
  Wire wire(nullptr, identity());
  EXPECT_EQ(wire.common("a"), wire.common("a"));
  EXPECT_NE(wire.common("a"), wire.common("b"));
  const auto before = wire.common("a");
  ASSERT_TRUE(wire.set_api_key("key").ok());
  EXPECT_NE(wire.common("a"), before);
  EXPECT_EQ(before->find("authorization"), nullptr);  // a call under way keeps what it began with
}

TEST(Wire, AsManyNamespacesAsThereAreTakeNoMoreMemory) {
  Wire wire(nullptr, identity());
  const auto first = wire.common("0");
  for (std::size_t i = 1; i < kMaxBuilt; ++i) (void)wire.common(std::to_string(i));
  EXPECT_EQ(wire.common("0"), first);
  (void)wire.common("one more");
  EXPECT_EQ(first.use_count(), 1);
  EXPECT_EQ(text(wire.common("0")), text(first));
}

TEST(Wire, ANamespaceThatNoHeaderCanCarryIsLeftToTheServer) {
  Wire wire(nullptr, identity());
  EXPECT_EQ(wire.common("a\nb")->find("temporal-namespace"), nullptr);
  EXPECT_EQ(wire.common("a ")->find("temporal-namespace"), nullptr);
}

}  // namespace
}  // namespace minim::internal
