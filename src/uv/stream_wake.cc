#include "uv/stream_wake.h"

#include <utility>

#include "minim/dialer.h"
#include "uv/mailbox.h"

namespace minim {

StreamWaker::StreamWaker(std::shared_ptr<uv::StreamWake> wake) : wake_(std::move(wake)) {}
StreamWaker::~StreamWaker() = default;
StreamWaker::StreamWaker(const StreamWaker&) = default;
StreamWaker& StreamWaker::operator=(const StreamWaker&) = default;

void StreamWaker::wake() const { wake_->mailbox->wake(*wake_); }

}  // namespace minim
