#include "uv/link.h"

#include <cerrno>
#include <utility>

#include "uv/driver.h"
#include "uv/loop_core.h"

namespace minim::uv {

namespace {

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

Link::Link(LoopCore& core, Driver& driver, rpc::LinkId id, rpc::Address address,
           Duration user_timeout)
    : core_(core),
      driver_(driver),
      id_(id),
      address_(std::move(address)),
      user_timeout_(user_timeout),
      socket_(core.system()) {}

Status Link::failure(int error) const {
  return Status(Code::kUnavailable, address_.to_string() + ": " + system_reason(error),
                Origin::kTransport);
}

Link::Dial Link::dial(uv_loop_t* loop, Status* why) {
  const int error = socket_.dial(address_);
  if (error != 0 && error != EINPROGRESS) {
    *why = failure(error);
    return Dial::kFailed;
  }
  *why = poll(loop);
  if (!why->ok()) return Dial::kFailed;
  return error == 0 ? opened() : Dial::kPending;
}

Status Link::poll(uv_loop_t* loop) {
  if (const int failed = core_.system().uv_poll_init(loop, &poll_, socket_.fd()); failed != 0) {
    return failure(-failed);
  }
  has_poll_ = true;
  poll_.data = this;
  core_.handle_opened();
  uv_unref(reinterpret_cast<uv_handle_t*>(&poll_));
  return {};
}

Status Link::adopt(uv_loop_t* loop, Answer& answer) {
  if (answer.stream != nullptr) {
    stream_ = std::move(answer.stream);
    wake_ = std::make_shared<StreamWake>(core_.mailbox(), *this);
    is_open_ = true;
    stream_->open(StreamWaker(wake_));
    note_more_to_read();
    return {};
  }
  if (const int error = socket_.adopt(std::exchange(answer.descriptor, -1)); error != 0) {
    return failure(error);
  }
  if (Status failed = poll(loop); !failed.ok()) return failed;
  opened();
  return update_poll();
}

Link::Dial Link::opened() {
  if (user_timeout_ > Duration()) socket_.set_user_timeout(user_timeout_);
  is_open_ = true;
  return Dial::kOpen;
}

Link::Dial Link::finish_dial(Status* why) {
  if (!has_poll_) return Dial::kPending;  // the host's dialer is at it
  const int error = socket_.connect_result();
  if (error == EINPROGRESS) return Dial::kPending;
  if (error != 0) {
    *why = failure(error);
    return Dial::kFailed;
  }
  return opened();
}

std::ptrdiff_t Link::moved(const ByteStream::Moved& what, std::size_t most, Status* why) {
  switch (what.kind) {
    case ByteStream::Moved::Kind::kBytes:
      if (what.count > 0 && what.count <= most) return static_cast<std::ptrdiff_t>(what.count);
      *why = Status(Code::kUnavailable,
                    address_.to_string() + ": the host's stream says that it has moved " +
                        std::to_string(what.count) + " of " + std::to_string(most) + " bytes",
                    Origin::kTransport);
      return -1;
    case ByteStream::Moved::Kind::kWait:
      stream_waits_ = true;
      return -1;
    case ByteStream::Moved::Kind::kEnd:
      return 0;
    case ByteStream::Moved::Kind::kFailed:
      break;
  }
  *why =
      Status(Code::kUnavailable, address_.to_string() + ": " + std::string(what.status.message()),
             Origin::kTransport);
  return -1;
}

std::ptrdiff_t Link::receive(char* buffer, std::size_t size, Status* why) {
  if (stream_ != nullptr) return moved(stream_->read(buffer, size), size, why);
  int error = 0;
  const std::ptrdiff_t count = socket_.receive(buffer, size, &error);
  if (count < 0 && !would_block(error)) *why = failure(error);
  return count;
}

std::ptrdiff_t Link::send(std::string_view bytes, Status* why) {
  if (stream_ != nullptr) {
    stream_waits_ = false;
    const std::ptrdiff_t count = moved(stream_->write(bytes), bytes.size(), why);
    if (count != 0) return count;
    *why = Status(Code::kUnavailable, address_.to_string() + ": the host's stream has ended",
                  Origin::kTransport);
    return -1;
  }
  int error = 0;
  const std::ptrdiff_t count = socket_.send(bytes, &error);
  if (count < 0 && !would_block(error)) *why = failure(error);
  return count;
}

void Link::note_more_to_read() {
  if (stream_ != nullptr) core_.mailbox()->wake(*wake_);
}

void Link::on_wake() { driver_.on_wake(core_.now(), *this); }

Status Link::update_poll() {
  if (!has_poll_) {
    // A short write is only a pause of ours, unless the stream said that it must wait.
    if (wants_write && !stream_waits_) note_more_to_read();
    return {};
  }
  const int wanted = !is_open_ ? UV_WRITABLE : UV_READABLE | (wants_write ? UV_WRITABLE : 0);
  if (wanted == polled_) return {};
  if (const int failed = core_.system().uv_poll_start(&poll_, wanted, on_poll); failed != 0) {
    return failure(-failed);
  }
  polled_ = wanted;
  return {};
}

void Link::close() {
  if (!has_poll_) {
    if (wake_ != nullptr) core_.mailbox()->forget(*wake_);
    delete this;
    return;
  }
  // The handle leaves the loop's epoll set here and now, so the descriptor may go as well.
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_), on_closed);
  socket_.close();
}

void Link::on_poll(uv_poll_t* handle, int status, int events) {
  Link& link = *static_cast<Link*>(handle->data);
  if (link.core_.is_forked()) {
    // The socket is the parent's as well: not a byte may be read from it here.
    uv_poll_stop(handle);
    return;
  }
  link.core_.on_poll(link.driver_, link, status, events);
}

void Link::on_closed(uv_handle_t* handle) {
  Link* const link = static_cast<Link*>(handle->data);
  LoopCore& core = link->core_;
  delete link;
  core.handle_closed();
}

}  // namespace minim::uv
