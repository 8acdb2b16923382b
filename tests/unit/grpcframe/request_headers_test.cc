#include "grpcframe/request_headers.h"

#include <gtest/gtest.h>

namespace minim {
namespace {

std::string listed(const std::vector<HeaderField>& fields) {
  std::string text;
  for (const HeaderField& field : fields) {
    text.append(field.name).append("=").append(field.value);
    text.append(field.never_index ? "!\n" : "\n");
  }
  return text;
}

TEST(RequestHeaders, AllFieldsInOrder) {
  const Metadata metadata{{"client-name", "minim"},
                          {"k-bin", std::string("\0\xff", 2)},
                          {"client-name", "again"},
                          {"authorization", "Bearer x"},
                          {"e-bin", ""},
                          {"cookie", "c"},
                          {"proxy-authorization", "p"}};
  std::vector<HeaderField> fields;
  std::string base64;
  build_request_headers({.tls = true,
                         .path = "/a.B/C",
                         .authority = "host:7233",
                         .timeout = "30S",
                         .user_agent = "agent/1",
                         .gzip = true,
                         .accept_gzip = true,
                         .metadata = &metadata},
                        fields, base64);
  EXPECT_EQ(listed(fields),
            ":method=POST\n"
            ":scheme=https\n"
            ":path=/a.B/C\n"
            ":authority=host:7233\n"
            "te=trailers\n"
            "content-type=application/grpc\n"
            "grpc-timeout=30S!\n"
            "grpc-encoding=gzip\n"
            "grpc-accept-encoding=gzip\n"
            "user-agent=agent/1\n"
            "client-name=minim\n"
            "k-bin=AP8!\n"
            "client-name=again\n"
            "authorization=Bearer x!\n"
            "e-bin=!\n"
            "cookie=c!\n"
            "proxy-authorization=p!\n");
}

TEST(RequestHeaders, LeavesOutWhatIsNotAskedFor) {
  std::vector<HeaderField> fields{{"stale", "x"}};
  std::string base64 = "stale";
  build_request_headers({.path = "/a", .authority = "h", .user_agent = "u"}, fields, base64);
  EXPECT_EQ(listed(fields),
            ":method=POST\n:scheme=http\n:path=/a\n:authority=h\nte=trailers\n"
            "content-type=application/grpc\nuser-agent=u\n");
  EXPECT_EQ(base64, "");
}

TEST(RequestHeaders, CallEntriesHideCommonOnes) {
  const Metadata own{{"a", "own"}, {"a", "own2"}, {"k-bin", "x"}};
  const Metadata common{{"b", "common"}, {"a", "hidden"}, {"k-bin", "hidden"}, {"c-bin", "yz"}};
  std::vector<HeaderField> fields;
  std::string base64;
  build_request_headers({.metadata = &own, .common = &common}, fields, base64);
  fields.erase(fields.begin(), fields.begin() + 7);
  EXPECT_EQ(listed(fields), "a=own\na=own2\nk-bin=eA!\nb=common\nc-bin=eXo!\n");
  build_request_headers({.common = &common}, fields, base64);
  EXPECT_EQ(fields.size(), 7u + 4u);
}

TEST(RequestHeaders, TimeoutOfTheMetadataCountsOnlyWithoutAnother) {
  const Metadata metadata{{"grpc-timeout", "5S"}};
  std::vector<HeaderField> fields;
  std::string base64;
  build_request_headers({.timeout = "1S", .metadata = &metadata}, fields, base64);
  EXPECT_NE(listed(fields).find("grpc-timeout=1S!"), std::string::npos);
  EXPECT_EQ(listed(fields).find("5S"), std::string::npos);
  build_request_headers({.metadata = &metadata}, fields, base64);
  EXPECT_NE(listed(fields).find("grpc-timeout=5S!"), std::string::npos);
}

TEST(RequestHeaders, BinaryValuesSurviveManyEntries) {
  Metadata metadata;
  for (std::size_t i = 0; i < 200; ++i) metadata.add("k-bin", std::string(i, 'x'));
  std::vector<HeaderField> fields;
  std::string base64;
  build_request_headers({.metadata = &metadata}, fields, base64);
  ASSERT_EQ(fields.size(), 207u);
  EXPECT_EQ(fields[7].value, "");
  EXPECT_EQ(fields[8].value, "eA");
  EXPECT_EQ(fields[10].value, "eHh4");
  EXPECT_EQ(fields[206].value.size(), 266u);
  for (const HeaderField& field : fields) {
    if (field.name != "k-bin" || field.value.empty()) continue;
    EXPECT_GE(field.value.data(), base64.data());
    EXPECT_LE(field.value.data() + field.value.size(), base64.data() + base64.size());
  }
}

TEST(HeaderListBytes, CountsNamesValuesAndOverhead) {
  EXPECT_EQ(header_list_bytes({}), 0u);
  const HeaderField fields[] = {{"ab", "cde"}, {"f", ""}};
  EXPECT_EQ(header_list_bytes(fields), 5u + 32u + 1u + 32u);
}

}  // namespace
}  // namespace minim
