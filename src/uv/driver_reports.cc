// What a driver tells its host: lines of the log, and what an observer sees.
#include <string>
#include <utility>

#include "minim/log.h"
#include "minim/observer.h"
#include "uv/driver.h"

namespace minim::uv {

void Driver::write_log(const rpc::Channel::Event& event) {
  Log& log = *channel_->options().log;
  if (event.kind == rpc::Channel::Event::Kind::kNotice) {
    return log.write(LogLevel::kWarning, event.status.message());
  }
  switch (event.state) {
    case rpc::ChannelState::kReady:
      return log.write(LogLevel::kDebug, "connected to " + channel_->options().target);
    case rpc::ChannelState::kBackoff:
      return log.write(LogLevel::kWarning, event.status.message());
    case rpc::ChannelState::kIdle:
      if (!event.status.ok()) log.write(LogLevel::kDebug, event.status.message());
      return;
    case rpc::ChannelState::kConnecting:
    case rpc::ChannelState::kClosed:
      return;
  }
}

void Driver::tell_observer() {
  Observer& observer = *channel_->options().observer;
  Observation what;
  what.kind = Observation::Kind::kTraffic;
  what.received_bytes = std::exchange(received_bytes_, 0);
  what.sent_bytes = std::exchange(sent_bytes_, 0);
  if (what.received_bytes + what.sent_bytes > 0) observer.observe(what);
  while (channel_->next_observation(&what)) observer.observe(what);
}

}  // namespace minim::uv
