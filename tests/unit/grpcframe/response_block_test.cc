#include "grpcframe/response_block.h"

#include <gtest/gtest.h>

#include "unit/grpcframe/script.h"

namespace minim {
namespace {

using test::listed;

// Views into `fields`, which the caller keeps.
ResponseBlock read(const test::Fields& fields, Metadata& custom) {
  std::vector<HeaderField> views;
  for (const auto& [name, value] : fields) views.push_back({name, value});
  return read_response_block(views, custom);
}

TEST(ResponseBlock, KeepsReservedFieldsOutOfTheMetadata) {
  const test::Fields fields{{":status", "200"},
                            {"content-type", "application/grpc"},
                            {"te", "x"},
                            {"grpc-status", "0"},
                            {"grpc-message", "m"},
                            {"grpc-status-details-bin", ""},
                            {"grpc-encoding", "gzip"},
                            {"grpc-accept-encoding", "gzip"},
                            {"grpc-retry-pushback-ms", "1"},
                            {"date", "d"},
                            {"server", "s"},
                            {"grpc-server-stats-bin", "AA"},
                            {"grpc-status2", "x"},
                            {"content-typf", "x"},
                            {"a", "1"},
                            {"b", ""},
                            {"a", "2"}};
  Metadata custom;
  const ResponseBlock block = read(fields, custom);
  EXPECT_EQ(listed(custom), std::string("date=d;server=s;grpc-server-stats-bin=") + '\0' +
                                ";grpc-status2=x;content-typf=x;a=1;b=;a=2;");
  EXPECT_EQ(block.http_status, 200);
  EXPECT_EQ(block.encoding, "gzip");
  EXPECT_TRUE(block.has_status);
  EXPECT_EQ(block.message, "m");
  EXPECT_EQ(block.details_count, 1);
  EXPECT_TRUE(block.pushback.given);
}

// Rows 125 and 126 of the fault list.
TEST(ResponseBlock, DecodesBinaryValues) {
  const struct {
    std::string_view value, decoded;
  } rows[] = {
      {"YQ", "k-bin=a;"},
      {"YQ==", "k-bin=a;"},
      {"", "k-bin=;"},
      {"YQ,Yg==,Yw", "k-bin=a;k-bin=b;k-bin=c;"},
      {"YQ, Yg", "k-bin=a;k-bin=b;"},
      {"YQ,,Yg", "k-bin=a;k-bin=;k-bin=b;"},
      {"YQ,", "k-bin=a;k-bin=;"},
      {"Y", ""},
      {"Y!", ""},
      {"YQ,!,Yg", "k-bin=a;k-bin=b;"},
  };
  for (const auto& row : rows) {
    Metadata custom;
    const test::Fields fields{{"k-bin", std::string(row.value)}};
    (void)read(fields, custom);
    EXPECT_EQ(listed(custom), row.decoded) << row.value;
  }
}

// As many values as would be within the limit as fields of their own, and one more.
TEST(ResponseBlock, JoinedBinaryValuesAreCountedApart) {
  const std::string name = "k-bin";
  const std::size_t each = name.size() + 32;
  const std::size_t most = kMaxJoinedBytes / each;
  for (const std::size_t commas : {most, most + 1}) {
    Metadata custom;
    const test::Fields fields{{name, std::string(commas, ',')}};
    EXPECT_EQ(read(fields, custom).joined_bytes > kMaxJoinedBytes, commas > most);
    EXPECT_EQ(custom.size(), commas > most ? most : commas + 1);
  }
}

TEST(ResponseBlock, ALongNameIsNotRepeatedForEachComma) {
  Metadata custom;
  const test::Fields fields{{std::string(32'000, 'k') + "-bin", std::string(32'000, ',')}};
  EXPECT_GT(read(fields, custom).joined_bytes, kMaxJoinedBytes);
  EXPECT_LE(custom.size(), 2u);
}

TEST(ResponseBlock, HttpStatusTable) {
  const struct {
    test::Fields fields;
    int status;
  } rows[] = {
      {{}, -1},
      {{{":status", "200"}}, 200},
      {{{":status", "100"}}, 100},
      {{{":status", "999"}}, 999},
      {{{":status", "099"}}, -1},
      {{{":status", "20"}}, -1},
      {{{":status", "2000"}}, -1},
      {{{":status", "0200"}}, -1},
      {{{":status", ""}}, -1},
      {{{":status", "abc"}}, -1},
      {{{":status", "20x"}}, -1},
      {{{":status", "+20"}}, -1},
      {{{":status", "200"}, {":status", "200"}}, -1},
      {{{":status", "200"}, {":status", "404"}}, -1},
      {{{":status", "x"}, {":status", "200"}}, -1},
  };
  for (const auto& row : rows) {
    Metadata custom;
    EXPECT_EQ(read(row.fields, custom).http_status, row.status)
        << testing::PrintToString(row.fields);
    EXPECT_TRUE(custom.empty());
  }
}

TEST(ResponseBlock, ContentTypeTable) {
  const struct {
    std::vector<std::string> values;
    bool is_grpc;
    std::string codec;
  } rows[] = {
      {{"application/grpc"}, true, ""},
      {{"APPLICATION/gRPC"}, true, ""},
      {{"application/grpc+proto"}, true, ""},
      {{"application/grpc+PROTO"}, true, ""},
      {{"application/grpc;charset=utf-8"}, true, ""},
      {{"application/grpc+proto;charset=utf-8"}, true, ""},
      {{"application/grpc+proto ; charset=utf-8"}, true, ""},
      {{"application/grpc;"}, true, ""},
      {{"application/grpc+"}, true, ""},
      {{"application/grpc+json"}, true, "json"},
      {{"application/grpc+json;x=y"}, true, "json"},
      {{"application/grpc+proto2"}, true, "proto2"},
      {{"application/grpcfoo"}, false, ""},
      {{"application/grpc-web"}, false, ""},
      {{"application/grpc-web+proto"}, false, ""},
      {{"application/grpc "}, false, ""},
      {{"application/grp"}, false, ""},
      {{"application/grpd+proto"}, false, ""},
      {{"text/html"}, false, ""},
      {{""}, false, ""},
      {{"application/grpc", "application/grpc+proto"}, true, ""},
      {{"application/grpc", "text/html"}, false, ""},
      {{"text/html", "application/grpc"}, false, ""},
  };
  for (const auto& row : rows) {
    test::Fields fields;
    for (const std::string& value : row.values) fields.push_back({"content-type", value});
    Metadata custom;
    const ResponseBlock block = read(fields, custom);
    EXPECT_EQ(block.is_grpc, row.is_grpc) << row.values[0];
    EXPECT_EQ(block.codec, row.codec);
    EXPECT_TRUE(block.has_content_type);
  }
  Metadata custom;
  EXPECT_FALSE(read({}, custom).is_grpc);
}

TEST(ResponseBlock, GrpcStatusNumbers) {
  for (int code = 0; code <= 16; ++code) {
    EXPECT_EQ(parse_grpc_status(std::to_string(code)), static_cast<Code>(code));
    EXPECT_EQ(parse_grpc_status("00" + std::to_string(code)), static_cast<Code>(code));
  }
  for (const std::string_view text :
       {"", " ", "17", "99", "999", "4294967296", "18446744073709551616",
        "99999999999999999999999999999999999999999999", "-1", "+1", "1.0", "0x5", "abc", " 5", "5 ",
        "5,5", "1e1", "\xd9\xa5"}) {
    EXPECT_EQ(parse_grpc_status(text), std::nullopt) << text;
  }
}

TEST(ResponseBlock, PushbackTable) {
  const struct {
    std::vector<std::string> values;
    bool never;
    int milliseconds;
  } rows[] = {
      {{"0"}, false, 0},
      {{"1"}, false, 1},
      {{"250"}, false, 250},
      {{"007"}, false, 7},
      {{"2147483647"}, false, 2147483647},
      {{"2147483648"}, true, 0},
      {{"99999999999999999999999999"}, true, 0},
      {{"-1"}, true, 0},
      {{"-0"}, true, 0},
      {{"x"}, true, 0},
      {{""}, true, 0},
      {{"1.5"}, true, 0},
      {{" 1"}, true, 0},
      {{"+1"}, true, 0},
      {{"10", "10"}, false, 10},
      {{"10", "010"}, false, 10},
      {{"10", "20"}, true, 0},
      {{"10", "x"}, true, 0},
      {{"x", "10"}, true, 0},
      {{"-1", "0"}, true, 0},
  };
  for (const auto& row : rows) {
    test::Fields fields;
    for (const std::string& value : row.values) fields.push_back({"grpc-retry-pushback-ms", value});
    Metadata custom;
    const Pushback pushback = read(fields, custom).pushback;
    SCOPED_TRACE(row.values[0]);
    EXPECT_TRUE(pushback.given);
    EXPECT_EQ(pushback.never, row.never);
    EXPECT_EQ(pushback.delay, std::chrono::milliseconds(row.milliseconds));
  }
  Metadata custom;
  EXPECT_FALSE(read({}, custom).pushback.given);
}

}  // namespace
}  // namespace minim
