#include "grpcframe/error_codes.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/grpcframe/script.h"

namespace minim {
namespace {

TEST(ErrorCodes, HttpStatusTable) {
  const struct {
    int http;
    Code code;
  } rows[] = {
      {400, Code::kInternal},      {401, Code::kUnauthenticated}, {403, Code::kPermissionDenied},
      {404, Code::kUnimplemented}, {429, Code::kUnavailable},     {502, Code::kUnavailable},
      {503, Code::kUnavailable},   {504, Code::kUnavailable},     {431, Code::kUnknown},
      {200, Code::kUnknown},       {204, Code::kUnknown},         {302, Code::kUnknown},
      {402, Code::kUnknown},       {405, Code::kUnknown},         {408, Code::kUnknown},
      {409, Code::kUnknown},       {412, Code::kUnknown},         {413, Code::kUnknown},
      {415, Code::kUnknown},       {418, Code::kUnknown},         {500, Code::kUnknown},
      {501, Code::kUnknown},       {505, Code::kUnknown},         {599, Code::kUnknown},
      {800, Code::kUnknown},       {999, Code::kUnknown},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.http);
    EXPECT_EQ(code_from_http_status(row.http), row.code);
    const std::string text = std::to_string(row.http);
    const auto bare =
        test::Script().trailers({{":status", text}, {"content-type", "text/html"}}).play_all();
    EXPECT_EQ(bare.response.status.code(), row.code);
    const test::Fields fields{{":status", text}, {"content-type", "application/grpc"}};
    const auto grpc = test::Script().trailers(fields).play_all();
    EXPECT_EQ(grpc.response.status.code(), row.code);
    EXPECT_EQ(grpc.response.status.origin(), Origin::kTransport);
  }
}

TEST(ErrorCodes, ResetTableBeforeHeaders) {
  const struct {
    std::uint32_t error;
    std::string name;
    Code code;
  } rows[] = {
      {0, "NO_ERROR", Code::kInternal},
      {1, "PROTOCOL_ERROR", Code::kInternal},
      {2, "INTERNAL_ERROR", Code::kInternal},
      {3, "FLOW_CONTROL_ERROR", Code::kInternal},
      {4, "SETTINGS_TIMEOUT", Code::kInternal},
      {5, "STREAM_CLOSED", Code::kInternal},
      {6, "FRAME_SIZE_ERROR", Code::kInternal},
      {7, "REFUSED_STREAM", Code::kUnavailable},
      {8, "CANCEL", Code::kCancelled},
      {9, "COMPRESSION_ERROR", Code::kInternal},
      {10, "CONNECT_ERROR", Code::kInternal},
      {11, "ENHANCE_YOUR_CALM", Code::kResourceExhausted},
      {12, "INADEQUATE_SECURITY", Code::kPermissionDenied},
      {13, "HTTP_1_1_REQUIRED", Code::kInternal},
      {14, "unknown HTTP/2 error", Code::kUnknown},
      {0xdead, "unknown HTTP/2 error", Code::kUnknown},
      {0xffffffff, "unknown HTTP/2 error", Code::kUnknown},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(code_from_http2_error(row.error), row.code);
    EXPECT_EQ(http2_error_name(row.error), row.name);
    const auto outcome = test::Script().reset(row.error).play_all();
    const Status& status = outcome.response.status;
    EXPECT_EQ(outcome.verdict, Verdict::kDone);
    EXPECT_FALSE(outcome.saw_headers);
    EXPECT_EQ(status.code(), row.code);
    EXPECT_EQ(status.origin(), Origin::kTransport);
    EXPECT_EQ(status.message(),
              "server reset the stream with " + row.name + " (" + std::to_string(row.error) + ")");
    EXPECT_EQ(status.may_have_reached_server(), row.error != 7);

    // After headers, and in the middle of the message, the code is the same; nothing is delivered,
    // and a refusal proves nothing any more.
    for (const std::string& bytes : {std::string(), test::framed("whole"), std::string(2, '\0')}) {
      const auto later = test::Script().good().data(bytes).reset(row.error).play_all();
      EXPECT_EQ(later.response.status.code(), row.code);
      EXPECT_EQ(later.response.message, "");
      EXPECT_TRUE(later.saw_headers);
      EXPECT_TRUE(later.response.status.may_have_reached_server());
    }
  }
}

TEST(ErrorCodes, ResetCancelAfterTheDeadlineIsDeadlineExceeded) {
  const auto outcome = test::Script().reset(8, true).play_all();
  EXPECT_EQ(outcome.response.status.to_string(),
            "DEADLINE_EXCEEDED (transport): server reset the stream with CANCEL (8) after the "
            "deadline");
  EXPECT_EQ(test::Script().good().reset(8, true).play_all().response.status.code(),
            Code::kDeadlineExceeded);
  EXPECT_EQ(test::Script().reset(2, true).play_all().response.status.code(), Code::kInternal);
}

TEST(ErrorCodes, ResetAfterTheTrailersChangesNothing) {
  for (const std::uint32_t error : {0u, 2u, 8u}) {
    const auto outcome = test::Script()
                             .good()
                             .data(test::framed("m"))
                             .trailers({{"grpc-status", "0"}})
                             .reset(error, true)
                             .play_all();
    EXPECT_TRUE(outcome.response.status.ok());
    EXPECT_EQ(outcome.response.message, "m");
  }
}

TEST(ErrorCodes, ResetAfterAnHttpErrorTellsTheHttpError) {
  const auto foreign = test::Script()
                           .headers({{":status", "503"}, {"content-type", "text/plain"}})
                           .data("no healthy upstream")
                           .reset(0)
                           .play_all();
  EXPECT_EQ(foreign.response.status.to_string(),
            "UNAVAILABLE (transport): not a gRPC response: HTTP status 503, content-type "
            "'text/plain'; is this a gRPC server? body: no healthy upstream");
  const auto grpc = test::Script()
                        .headers({{":status", "503"}, {"content-type", "application/grpc"}})
                        .reset(2)
                        .play_all();
  EXPECT_EQ(grpc.response.status.to_string(),
            "UNAVAILABLE (transport): HTTP status 503; server reset the stream with "
            "INTERNAL_ERROR (2)");
}

}  // namespace
}  // namespace minim
