#include "minim/status.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace minim {
namespace {

struct Reason final : ErrorInfo {
  static constexpr ErrorKind kKind = ErrorKind::kWorkflowFailed;
  explicit Reason(int given) : ErrorInfo(kKind), number(given) {}
  int number;
};

struct OtherReason final : ErrorInfo {
  static constexpr ErrorKind kKind = ErrorKind::kQueryFailed;
  OtherReason() : ErrorInfo(kKind) {}
};

TEST(Status, OkIsEmptyAndStaysOk) {
  const Status ok;
  EXPECT_TRUE(ok.ok());
  EXPECT_EQ(ok.code(), Code::kOk);
  EXPECT_EQ(ok.message(), "");
  EXPECT_EQ(ok.details(), "");
  EXPECT_EQ(ok.to_string(), "OK");
  EXPECT_FALSE(ok.retryable());
  EXPECT_EQ(sizeof(Status), sizeof(void*));
  EXPECT_TRUE(Status(Code::kOk, "ignored").ok());
  EXPECT_TRUE(ok.with_message("x").ok());
  EXPECT_TRUE(ok.with_details("x").with_retryable(true).with_reached_server(false).ok());
  EXPECT_TRUE(ok.with_info(std::make_shared<Reason>(1)).ok());
}

TEST(Status, ShowsCodeOriginAndText) {
  EXPECT_EQ(Status(Code::kUnavailable, "no route", Origin::kTransport).to_string(),
            "UNAVAILABLE (transport): no route");
  EXPECT_EQ(Status(Code::kNotFound, "", Origin::kServer).to_string(), "NOT_FOUND (server)");
  EXPECT_EQ(Status(Code::kInternal, "x").to_string(), "INTERNAL (local): x");
  EXPECT_EQ(Status(Code::kInternal, "a\tb\r\n\nc\n").to_string(), "INTERNAL (local): a\tb c ");
}

TEST(Status, NamesAllCodes) {
  const std::string_view names[] = {"OK",
                                    "CANCELLED",
                                    "UNKNOWN",
                                    "INVALID_ARGUMENT",
                                    "DEADLINE_EXCEEDED",
                                    "NOT_FOUND",
                                    "ALREADY_EXISTS",
                                    "PERMISSION_DENIED",
                                    "RESOURCE_EXHAUSTED",
                                    "FAILED_PRECONDITION",
                                    "ABORTED",
                                    "OUT_OF_RANGE",
                                    "UNIMPLEMENTED",
                                    "INTERNAL",
                                    "UNAVAILABLE",
                                    "DATA_LOSS",
                                    "UNAUTHENTICATED"};
  for (std::size_t i = 0; i < std::size(names); ++i) {
    EXPECT_EQ(code_name(static_cast<Code>(i)), names[i]);
  }
  EXPECT_EQ(code_name(static_cast<Code>(17)), "UNKNOWN");
  EXPECT_EQ(code_name(static_cast<Code>(255)), "UNKNOWN");
}

TEST(Status, RetryableTable) {
  const struct {
    Code code;
    std::string text;
    bool retryable;
  } rows[] = {
      {Code::kCancelled, "", false},
      {Code::kUnknown, "", true},
      {Code::kInvalidArgument, "", false},
      {Code::kDeadlineExceeded, "", false},
      {Code::kNotFound, "", false},
      {Code::kAlreadyExists, "", false},
      {Code::kPermissionDenied, "", false},
      {Code::kResourceExhausted, "", true},
      {Code::kResourceExhausted, "grpc: received message larger than max (9 vs. 4)", false},
      {Code::kResourceExhausted, "grpc: trying to send message larger than max (9 vs. 4)", false},
      {Code::kResourceExhausted, "grpc: message too large (9 bytes)", false},
      {Code::kResourceExhausted, "grpc: message after decompression larger than max", false},
      {Code::kResourceExhausted, "grpc: received message after decompression larger than max x",
       false},
      {Code::kResourceExhausted, "x grpc: received message larger than max", true},
      {Code::kFailedPrecondition, "", false},
      {Code::kAborted, "", true},
      {Code::kOutOfRange, "", true},
      {Code::kUnimplemented, "", false},
      {Code::kInternal, "grpc: received message larger than max", true},
      {Code::kUnavailable, "", true},
      {Code::kDataLoss, "", true},
      {Code::kUnauthenticated, "", false},
  };
  for (const auto& row : rows) {
    const Status status(row.code, row.text);
    EXPECT_EQ(status.retryable(), row.retryable) << status.to_string();
    EXPECT_EQ(status.with_retryable(!row.retryable).retryable(), !row.retryable);
  }
}

TEST(Status, OnlyLocalErrorsAreTakenAsUnsent) {
  EXPECT_FALSE(Status(Code::kInternal, "").may_have_reached_server());
  EXPECT_TRUE(Status(Code::kInternal, "", Origin::kTransport).may_have_reached_server());
  EXPECT_TRUE(Status(Code::kInternal, "", Origin::kServer).may_have_reached_server());
  EXPECT_TRUE(Status().may_have_reached_server());
  EXPECT_FALSE(Status(Code::kInternal, "", Origin::kServer)
                   .with_reached_server(false)
                   .may_have_reached_server());
}

TEST(Status, BuildersChangeACopyOnly) {
  const Status first(Code::kAborted, "first", Origin::kServer);
  const Status shared = first;
  const Status second = first.with_message("second").with_details("bytes");
  EXPECT_EQ(first.message(), "first");
  EXPECT_EQ(shared.message(), "first");
  EXPECT_EQ(first.details(), "");
  EXPECT_EQ(second.message(), "second");
  EXPECT_EQ(second.details(), "bytes");
  EXPECT_EQ(second.code(), Code::kAborted);
  EXPECT_EQ(second.origin(), Origin::kServer);
  EXPECT_TRUE(second.retryable());
}

TEST(Status, FindsTypedReasonsByKind) {
  const Status plain(Code::kUnknown, "x");
  EXPECT_EQ(plain.as<Reason>(), nullptr);
  EXPECT_EQ(Status().as<Reason>(), nullptr);
  const Status typed = plain.with_info(std::make_shared<Reason>(42));
  ASSERT_NE(typed.as<Reason>(), nullptr);
  EXPECT_EQ(typed.as<Reason>()->number, 42);
  EXPECT_EQ(typed.as<OtherReason>(), nullptr);
  EXPECT_EQ(plain.as<Reason>(), nullptr);
  EXPECT_EQ(typed.with_message("y").as<Reason>()->number, 42);
}

TEST(Status, ComparesByCodeTextAndOrigin) {
  const Status status(Code::kUnknown, "x");
  EXPECT_EQ(status, Status(Code::kUnknown, "x"));
  EXPECT_EQ(status, status.with_retryable(false));
  EXPECT_FALSE(status == Status(Code::kAborted, "x"));
  EXPECT_FALSE(status == Status(Code::kUnknown, "y"));
  EXPECT_FALSE(status == Status(Code::kUnknown, "x", Origin::kServer));
  EXPECT_FALSE(status == Status());
}

TEST(Status, CopiesMovesAndAssigns) {
  Status status(Code::kUnknown, "text");
  Status copied(status);
  EXPECT_EQ(copied.message().data(), status.message().data()) << "copies share one block";
  Status moved(std::move(copied));
  EXPECT_TRUE(copied.ok());
  EXPECT_EQ(moved, status);
  Status assigned(Code::kAborted, "old");
  assigned = moved;
  EXPECT_EQ(assigned, status);
  Status& same = assigned;
  assigned = same;
  EXPECT_EQ(assigned, status);
  assigned = std::move(same);
  EXPECT_EQ(assigned, status);
  assigned = Status();
  EXPECT_TRUE(assigned.ok());
  assigned = std::move(moved);
  EXPECT_EQ(assigned, status);
  EXPECT_TRUE(moved.ok());
}

TEST(Status, TheLastOfManyThreadsFreesTheBlock) {
  const auto reason = std::make_shared<Reason>(1);
  {
    const Status status = Status(Code::kUnknown, "text").with_info(reason);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([copied = status] {
        for (int n = 0; n < 20000; ++n) {
          Status again = copied;
          const Status moved = std::move(again);
          if (moved.code() != Code::kUnknown) std::abort();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(reason.use_count(), 2);
  }
  EXPECT_EQ(reason.use_count(), 1);
}

}  // namespace
}  // namespace minim
