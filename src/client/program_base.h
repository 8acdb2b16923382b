// What the programs of a client share: its context, one call after another, one mapping of errors.
#ifndef MINIM_CLIENT_PROGRAM_BASE_H_
#define MINIM_CLIENT_PROGRAM_BASE_H_

#include <google/protobuf/message_lite.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "client/context.h"
#include "minim/internal/program.h"
#include "minim/workflow_handle.h"

namespace minim::internal {

inline constexpr std::string_view kWorkflowService =
    "/temporal.api.workflowservice.v1.WorkflowService/";

// The serialised message of a call of WorkflowService.
Step workflow_call(std::string_view method, const google::protobuf::MessageLite& request);

// INTERNAL, not retryable: the server's reply to `method` is no message of the right type.
Status unreadable_reply(std::string_view method);

// INVALID_ARGUMENT naming the first text that is not UTF-8: protobuf has no other strings, and the
// server's own error would not say which one it was.
using NamedText = std::pair<std::string_view, std::string_view>;
Status check_texts(std::initializer_list<NamedText> texts);
Status check_ids(const WorkflowIds& ids);

// The first of several problems.
inline Status first_of(Status a, Status b) { return a.ok() ? std::move(b) : std::move(a); }

// INTERNAL: histories are asked for as events, and only those are understood.
Status unexpected_raw_history();

template <class Message>
bool parse(const std::string& bytes, Message& message) {
  return message.ParseFromString(bytes);
}

using ContextPtr = std::shared_ptr<const ClientContext>;

inline Status check_context(const ClientContext& context) {
  return check_texts({{"namespace_", context.namespace_}, {"identity", context.identity}});
}

// A program that is one call: request() makes it, accept() reads the reply, refuse() maps an error.
// An input that could not be converted ends it before anything is sent.
template <class Base>
class OneCall : public Base {
 public:
  OneCall(ContextPtr context, Status bad_input)
      : Base(context->wire), context_(std::move(context)), bad_input_(std::move(bad_input)) {}

  Step resume(Random& random, rpc::Reply* reply) override {
    if (!bad_input_.ok()) return Step::done(bad_input_);
    if (reply == nullptr) {
      if (Status wrong = check_context(*context_); !wrong.ok()) return Step::done(std::move(wrong));
      return request(random);
    }
    if (!reply->status.ok()) return Step::done(refuse(std::move(reply->status)));
    return accept(reply->message);
  }
  std::string_view header_namespace() const override { return context_->namespace_; }

 protected:
  const ClientContext& context() const { return *context_; }
  const ContextPtr& context_ptr() const { return context_; }

  virtual Step request(Random& random) = 0;
  virtual Step accept(const std::string& message) = 0;
  virtual Status refuse(Status status) { return status; }

 private:
  ContextPtr context_;
  Status bad_input_;
};

using CallProgram = OneCall<Program>;

// The same with payloads as the result.
class PayloadsCallProgram : public OneCall<PayloadsProgram> {
 public:
  using OneCall::OneCall;
  const DataConverter& converter() const override { return context().converter; }
};

// The value of a Result, or nothing; its status goes to `status` if that is still OK.
template <class T>
T value_or_default(Result<T> result, Status& status) {
  if (result) return std::move(*result);
  if (status.ok()) status = result.error();
  return T();
}

}  // namespace minim::internal

#endif  // MINIM_CLIENT_PROGRAM_BASE_H_
