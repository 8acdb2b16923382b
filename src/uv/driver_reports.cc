// What a driver tells its host: lines of the log.
#include <string>

#include "minim/log.h"
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

}  // namespace minim::uv
