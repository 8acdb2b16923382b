// Programs as tables: a context without a wire, replies, and requests read back.
#ifndef MINIM_TESTS_UNIT_CLIENT_SUPPORT_PROGRAMS_H_
#define MINIM_TESTS_UNIT_CLIENT_SUPPORT_PROGRAMS_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "client/program_base.h"
#include "minim/random.h"

namespace minim::testing {

inline std::shared_ptr<internal::ClientContext> make_context() {
  auto context = std::make_shared<internal::ClientContext>();
  context->wire = std::make_shared<internal::Wire>(nullptr, internal::Wire::Identity());
  context->namespace_ = "ns";
  context->identity = "me";
  return context;
}

inline rpc::Reply ok_reply(const google::protobuf::MessageLite& message) {
  rpc::Reply reply;
  reply.message = message.SerializeAsString();
  return reply;
}
inline rpc::Reply failed_reply(Code code, std::string text, std::string details = {}) {
  rpc::Reply reply;
  reply.status = Status(code, std::move(text), Origin::kServer);
  if (!details.empty()) reply.status = reply.status.with_details(std::move(details));
  return reply;
}
inline rpc::Reply garbled_reply() {
  rpc::Reply reply;
  reply.message = "\xff\xff";
  return reply;
}

inline internal::Step first(internal::Program& program) {
  SeededRandom random(1);
  return program.resume(random, nullptr);
}
inline internal::Step next(internal::Program& program, rpc::Reply reply) {
  SeededRandom random(2);
  return program.resume(random, &reply);
}

// The request of a step that must be a call of that WorkflowService method.
template <class Message>
Message request_of(const internal::Step& step, const std::string& method) {
  Message message;
  EXPECT_EQ(step.kind, internal::Step::Kind::kCall) << step.status.to_string();
  EXPECT_EQ(step.request.path, "/temporal.api.workflowservice.v1.WorkflowService/" + method);
  EXPECT_TRUE(message.ParseFromString(step.request.message));
  return message;
}

inline std::string unhex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

}  // namespace minim::testing

#endif  // MINIM_TESTS_UNIT_CLIENT_SUPPORT_PROGRAMS_H_
