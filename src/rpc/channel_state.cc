#include "minim/rpc/channel_state.h"

namespace minim::rpc {

std::string_view channel_state_name(ChannelState state) {
  switch (state) {
    case ChannelState::kIdle:
      return "idle";
    case ChannelState::kConnecting:
      return "connecting";
    case ChannelState::kReady:
      return "ready";
    case ChannelState::kBackoff:
      return "backoff";
    case ChannelState::kClosed:
      return "closed";
  }
  return "closed";
}

}  // namespace minim::rpc
