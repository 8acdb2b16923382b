// Everything that a program with a Runtime needs. A host with a loop of its own adds <minim/uv.h>,
// one with coroutines <minim/awaitable.h>.
#ifndef MINIM_MINIM_H_
#define MINIM_MINIM_H_

#include "minim/blocking.h"  // IWYU pragma: export
#include "minim/client.h"    // IWYU pragma: export
#include "minim/errors.h"    // IWYU pragma: export
#include "minim/result.h"    // IWYU pragma: export
#include "minim/runtime.h"   // IWYU pragma: export
#include "minim/version.h"   // IWYU pragma: export

#endif  // MINIM_MINIM_H_
