// gzip of one message (RFC 1952), the only message coding minim speaks beside identity.
#ifndef MINIM_GRPCFRAME_GZIP_H_
#define MINIM_GRPCFRAME_GZIP_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "minim/result.h"

namespace minim {

// False when built with MINIM_GZIP=OFF; then both functions return UNIMPLEMENTED.
bool gzip_available();

Result<std::string> gzip_compress(std::string_view bytes);

// INTERNAL for corrupt, truncated or trailing bytes, and for no bytes at all; RESOURCE_EXHAUSTED
// (the text starts like grpc-go's: "grpc: received message after decompression larger than max
// (limit+1 vs. limit)") as soon as the output passes `max_bytes`, which bounds memory as well.
// Several members in a row are one message.
Result<std::string> gzip_decompress(std::string_view bytes, std::size_t max_bytes);

}  // namespace minim

#endif  // MINIM_GRPCFRAME_GZIP_H_
