// The states of a channel.
#ifndef MINIM_RPC_CHANNEL_STATE_H_
#define MINIM_RPC_CHANNEL_STATE_H_

#include <cstdint>
#include <string_view>

namespace minim::rpc {

enum class ChannelState : std::uint8_t {
  kIdle,        // no connection and nobody asks for one
  kConnecting,  // resolving, dialling, shaking hands
  kReady,
  kBackoff,  // the last attempt failed; the next one waits
  kClosed,
};

std::string_view channel_state_name(ChannelState state);

}  // namespace minim::rpc

#endif  // MINIM_RPC_CHANNEL_STATE_H_
