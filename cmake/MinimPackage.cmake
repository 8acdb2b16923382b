# The targets that stand for several libraries, the install rules and the CMake and pkg-config
# packages. Included after every library is declared.

# minim_existing(out t ...): those of the targets that this build has.
function(minim_existing out)
  set(found)
  foreach(target ${ARGN})
    if(TARGET ${target})
      list(APPEND found ${target})
    endif()
  endforeach()
  set(${out} ${found} PARENT_SCOPE)
endfunction()

minim_aggregate(core LIBS minim_rpc minim_h2 minim_grpcframe minim_base)
minim_existing(all minim_client minim_uv minim_tls minim_core)
minim_aggregate(minim LIBS ${all})

if(NOT MINIM_INSTALL)
  return()
endif()
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/minim")
get_property(libraries GLOBAL PROPERTY MINIM_LIBRARIES)

install(TARGETS ${libraries} EXPORT minimTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT minimTargets NAMESPACE minim:: DESTINATION ${package_dir})
install(DIRECTORY include/minim DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING
        PATTERN "*.h")

configure_package_config_file(cmake/minimConfig.cmake.in minimConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
# 0.x: a minor version may break.
write_basic_package_version_file(minimConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/minimConfig.cmake"
              "${CMAKE_CURRENT_BINARY_DIR}/minimConfigVersion.cmake" cmake/MinimPkg.cmake
        DESTINATION ${package_dir})

# minim.pc: users above, used below, as a one-pass linker wants them.
minim_existing(archives minim_client minim_uv minim_tls minim_rpc minim_h2 minim_grpcframe
               minim_protojson minim_json minim_proto minim_base)
list(TRANSFORM archives PREPEND "-l")
string(JOIN " " MINIM_PC_LIBRARIES ${archives})
set(MINIM_PC_REQUIRES "libnghttp2, libuv, protobuf-lite")
if(MINIM_GZIP)
  string(APPEND MINIM_PC_REQUIRES ", zlib")
endif()
if(MINIM_TLS STREQUAL "openssl")
  string(APPEND MINIM_PC_REQUIRES ", openssl >= 3.0")
endif()
# From where it lies, so that an installed tree can be moved.
file(RELATIVE_PATH MINIM_PC_PREFIX "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
configure_file(cmake/minim.pc.in minim.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/minim.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
