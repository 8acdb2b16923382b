#include "minim/metadata.h"

#include <gtest/gtest.h>

namespace minim {
namespace {

std::string listed(const Metadata& metadata) {
  std::string text;
  for (const Metadata::Entry& entry : metadata) text += entry.key + "=" + entry.value + ";";
  return text;
}

TEST(Metadata, KeepsOrderAndDuplicatesAndLowersKeys) {
  Metadata metadata{{"B", "1"}, {"a", "2"}};
  metadata.add("b", "3");
  metadata.add("X-Long-Key", "Value Stays");
  EXPECT_EQ(listed(metadata), "b=1;a=2;b=3;x-long-key=Value Stays;");
  EXPECT_EQ(metadata.size(), 4u);
  EXPECT_FALSE(metadata.empty());
  EXPECT_TRUE(Metadata().empty());
}

TEST(Metadata, FindsTheLastValue) {
  const Metadata metadata{{"a", "1"}, {"b", "2"}, {"a", "3"}};
  ASSERT_NE(metadata.find("a"), nullptr);
  EXPECT_EQ(*metadata.find("a"), "3");
  EXPECT_EQ(*metadata.find("b"), "2");
  EXPECT_EQ(metadata.find("c"), nullptr);
  EXPECT_EQ(metadata.find(""), nullptr);
}

TEST(Metadata, SetReplacesEveryEntryOfTheKey) {
  Metadata metadata{{"a", "1"}, {"b", "2"}, {"a", "3"}};
  metadata.set("A", "4");
  EXPECT_EQ(listed(metadata), "b=2;a=4;");
  metadata.set("c", "5");
  EXPECT_EQ(listed(metadata), "b=2;a=4;c=5;");
}

TEST(Metadata, RemovesEveryEntryOfTheKey) {
  Metadata metadata{{"a", "1"}, {"b", "2"}, {"a", "3"}};
  metadata.remove("A");
  EXPECT_EQ(listed(metadata), "b=2;");
  metadata.remove("absent");
  EXPECT_EQ(listed(metadata), "b=2;");
}

TEST(Metadata, MayBeGivenViewsOfItsOwnEntries) {
  Metadata metadata{{"key-long-enough-to-be-on-the-heap", "value-long-enough-to-be-on-the-heap"}};
  for (int i = 0; i < 5; ++i) metadata.add(metadata.begin()->key, metadata.begin()->value);
  EXPECT_EQ(*metadata.find("key-long-enough-to-be-on-the-heap"),
            "value-long-enough-to-be-on-the-heap");
  metadata.set(metadata.begin()->key, metadata.begin()->value);
  EXPECT_EQ(listed(metadata),
            "key-long-enough-to-be-on-the-heap=value-long-enough-to-be-on-the-heap;");
  metadata.remove(metadata.begin()->key);
  EXPECT_TRUE(metadata.empty());
}

TEST(Metadata, AcceptsWhatGrpcAllows) {
  const std::string all_bytes("\0\x01\r\n\x7f\x80\xff ", 8);
  const Metadata rows[] = {
      {},
      {{"a", ""}},
      {{"abc_XYZ-0.9", "v"}},
      {{"a", " ~!"}, {"b", "x y"}},
      {{"k-bin", all_bytes}},
      {{"-bin", ""}},
      {{"grpc-timeout", "1S"}},
      {{"authorization", "Bearer x"}},
      {{"grpcx", "1"}},
  };
  for (const Metadata& row : rows) {
    const bool starts_with_space = !row.empty() && row.begin()->value.starts_with(' ');
    EXPECT_EQ(row.validate().ok(), !starts_with_space) << listed(row);
  }
}

TEST(Metadata, RefusesBadEntriesAndNamesTheKeyOnly) {
  const struct {
    std::string key, value, text;
  } rows[] = {
      {"", "secret", "metadata key '' is empty"},
      {":path", "secret", "metadata key ':path' starts with ':', which HTTP/2 reserves"},
      {"a b", "secret", "metadata key 'a b' has a character other than a-z, 0-9, '_', '-' and '.'"},
      {"a\r\n\x80", "secret",
       "metadata key 'a?"
       "?"
       "?' has a character other than a-z, 0-9, '_', '-' and '.'"},
      {"a/b", "", "metadata key 'a/b' has a character other than a-z, 0-9, '_', '-' and '.'"},
      {std::string(100, '!'), "",
       "metadata key '" + std::string(64, '!') +
           "...' has a character other than a-z, 0-9, '_', '-' and '.'"},
      {"grpc-foo", "secret", "metadata key 'grpc-foo' starts with 'grpc-', which gRPC reserves"},
      {"GRPC-Status", "0", "metadata key 'grpc-status' starts with 'grpc-', which gRPC reserves"},
      {"grpc-trace-bin", "0",
       "metadata key 'grpc-trace-bin' starts with 'grpc-', which gRPC reserves"},
      {"te", "secret", "metadata key 'te' is set by the library itself"},
      {"Content-Type", "x", "metadata key 'content-type' is set by the library itself"},
      {"content-length", "1", "metadata key 'content-length' is set by the library itself"},
      {"user-agent", "x", "metadata key 'user-agent' is set by the library itself"},
      {"host", "x", "metadata key 'host' is set by the library itself"},
      {"connection", "x", "metadata key 'connection' is set by the library itself"},
      {"keep-alive", "x", "metadata key 'keep-alive' is set by the library itself"},
      {"proxy-connection", "x", "metadata key 'proxy-connection' is set by the library itself"},
      {"upgrade", "x", "metadata key 'upgrade' is set by the library itself"},
      {"transfer-encoding", "x", "metadata key 'transfer-encoding' is set by the library itself"},
      {"a", "secret\r\n",
       "value of metadata key 'a' has at offset 6 a byte outside 0x20 to 0x7e: binary values need "
       "a key that ends in '-bin'"},
      {"a", std::string("\0", 1),
       "value of metadata key 'a' has at offset 0 a byte outside 0x20 to 0x7e: binary values need "
       "a key that ends in '-bin'"},
      {"a", "se\x7f",
       "value of metadata key 'a' has at offset 2 a byte outside 0x20 to 0x7e: binary values need "
       "a key that ends in '-bin'"},
      {"a", "\xc3\xa4",
       "value of metadata key 'a' has at offset 0 a byte outside 0x20 to 0x7e: binary values need "
       "a key that ends in '-bin'"},
      {"a", " secret",
       "value of metadata key 'a' starts or ends with a space, which HTTP/2 forbids"},
      {"a", "secret ",
       "value of metadata key 'a' starts or ends with a space, which HTTP/2 forbids"},
  };
  for (const auto& row : rows) {
    Metadata metadata{{"good", "1"}};
    metadata.add(row.key, row.value);
    metadata.add("", "");  // the first bad one is named
    const Status status = metadata.validate();
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    EXPECT_EQ(status.origin(), Origin::kLocal);
    EXPECT_FALSE(status.may_have_reached_server());
    EXPECT_EQ(status.message(), row.text);
    EXPECT_EQ(status.message().find("secret"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace minim
