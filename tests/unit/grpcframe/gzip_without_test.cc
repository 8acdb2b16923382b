// gzip.cc as it is built without zlib.
#include <gtest/gtest.h>

#include "grpcframe/gzip.h"

namespace minim {
namespace {

TEST(GzipWithout, SaysHowToGetIt) {
  EXPECT_FALSE(gzip_available());
  EXPECT_EQ(gzip_compress("x").status().code(), Code::kUnimplemented);
  EXPECT_EQ(gzip_decompress("x", 1).status().code(), Code::kUnimplemented);
}

}  // namespace
}  // namespace minim
