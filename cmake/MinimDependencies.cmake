# What minim is built on. Everything comes from Debian 12's own packages (scripts/deps installs
# them); a missing one is an error that names the package.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
include(MinimPkg)

minim_pkg(nghttp2 libnghttp2 libnghttp2-dev)
minim_pkg(libuv libuv libuv1-dev)
target_link_libraries(minim_libuv INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
if(MINIM_GZIP)
  minim_pkg(zlib zlib zlib1g-dev)
endif()
if(MINIM_TLS STREQUAL "openssl")
  minim_pkg(openssl "openssl >= 3.0" "libssl-dev (3.0 or newer)")
endif()

if(MINIM_STATIC)
  set(Protobuf_USE_STATIC_LIBS ON)
endif()
find_package(Protobuf QUIET)
if(NOT TARGET protobuf::libprotobuf-lite OR NOT TARGET protobuf::protoc)
  message(FATAL_ERROR
          "protobuf was not found: apt-get install libprotobuf-dev protobuf-compiler")
endif()

if(MINIM_TESTS)
  find_package(GTest QUIET)
  if(NOT TARGET GTest::gtest_main)
    message(FATAL_ERROR "GoogleTest was not found: apt-get install libgtest-dev")
  endif()
  include(GoogleTest)
endif()
