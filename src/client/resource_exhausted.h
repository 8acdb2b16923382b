// Why a server is out of something: the typed detail of its RESOURCE_EXHAUSTED.
#ifndef MINIM_CLIENT_RESOURCE_EXHAUSTED_H_
#define MINIM_CLIENT_RESOURCE_EXHAUSTED_H_

#include <memory>

#include "minim/errors.h"

namespace minim::internal {

// Null for every other status, and where the server did not say.
std::shared_ptr<const ResourceExhausted> resource_exhausted(const Status& status);

}  // namespace minim::internal

#endif  // MINIM_CLIENT_RESOURCE_EXHAUSTED_H_
