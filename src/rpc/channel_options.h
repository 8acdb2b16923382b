// Which options of a channel are wrong.
#ifndef MINIM_RPC_CHANNEL_OPTIONS_H_
#define MINIM_RPC_CHANNEL_OPTIONS_H_

#include "minim/result.h"
#include "minim/rpc/options.h"
#include "minim/rpc/target.h"
#include "minim/status.h"

namespace minim::rpc {

// INVALID_ARGUMENT that names all of them. `target`, `proxy`: as parsed; `proxy` null: none.
Status check_options(const ChannelOptions& options, const Result<Target>& target,
                     const Result<Target>* proxy);

// The same of what one call has of its own.
Status check_retry(const RetryOptions& retry);

}  // namespace minim::rpc

#endif  // MINIM_RPC_CHANNEL_OPTIONS_H_
