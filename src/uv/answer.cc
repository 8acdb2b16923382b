#include "uv/answer.h"

#include <utility>

#include "minim/resolver.h"
#include "uv/mailbox.h"

namespace minim::uv {

Answer::~Answer() {
  if (descriptor >= 0) system.close(descriptor);
}

HostAnswer::HostAnswer(std::shared_ptr<Mailbox> mailbox, const System& system, std::uint64_t serial,
                       std::string name)
    : mailbox_(std::move(mailbox)),
      name_(std::move(name)),
      answer_(std::make_unique<Answer>(system, serial)) {
  fail("the host gave no answer");
}

HostAnswer::~HostAnswer() { mailbox_->answer(std::move(answer_)); }

void HostAnswer::fail(std::string_view why) {
  answer_->status = Status(Code::kUnavailable, name_ + ": " + std::string(why), Origin::kTransport);
}

}  // namespace minim::uv

namespace minim {

ResolverAnswer::ResolverAnswer(std::unique_ptr<uv::HostAnswer> slot) : slot_(std::move(slot)) {}
ResolverAnswer::ResolverAnswer(ResolverAnswer&&) noexcept = default;
ResolverAnswer::~ResolverAnswer() = default;

void ResolverAnswer::give(Result<std::vector<rpc::Address>> addresses) {
  if (slot_ == nullptr) return;
  if (!addresses) {
    slot_->fail(addresses.error().message());
  } else if (addresses->empty()) {
    slot_->fail("has no address");
  } else {
    slot_->answer().status = Status();
    slot_->answer().addresses = std::move(*addresses);
  }
  slot_.reset();
}

DialAnswer::DialAnswer(std::unique_ptr<uv::HostAnswer> slot) : slot_(std::move(slot)) {}
DialAnswer::DialAnswer(DialAnswer&&) noexcept = default;
DialAnswer::~DialAnswer() = default;

void DialAnswer::give(int descriptor) {
  if (slot_ == nullptr) return;
  slot_->answer().status = Status();
  slot_->answer().descriptor = descriptor;
  slot_.reset();
}

void DialAnswer::give(std::unique_ptr<ByteStream> stream) {
  if (slot_ == nullptr) return;
  slot_->answer().status = Status();
  slot_->answer().stream = std::move(stream);
  slot_.reset();
}

void DialAnswer::fail(const Status& why) {
  if (slot_ == nullptr) return;
  if (!why.ok()) slot_->fail(why.message());
  slot_.reset();
}

}  // namespace minim
