# How minim's own targets are made. All properties sit on the targets: a project that adds minim as a
# subdirectory sees no change of its own flags.

# Flags that must be the same in every object of a sanitizer or coverage build.
function(minim_instrument target)
  if(MINIM_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${MINIM_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${MINIM_SANITIZE})
  endif()
  if(MINIM_COVERAGE)
    target_compile_options(${target} PRIVATE -fprofile-instr-generate -fcoverage-mapping)
    target_link_options(${target} PRIVATE -fprofile-instr-generate -fcoverage-mapping)
  endif()
  if(MINIM_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

function(minim_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                           -Wno-sign-conversion -Werror)
endfunction()

# minim_library(name SOURCES a.cc ... DEPS t ... PRIVATE_DEPS t ...)
# A static library of our own: no exceptions, no RTTI, hidden symbols, one section per function.
function(minim_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(minim_${name} STATIC ${ARG_SOURCES})
  add_library(minim::${name} ALIAS minim_${name})
  target_compile_features(minim_${name} PUBLIC cxx_std_20)
  target_compile_options(minim_${name} PRIVATE -fno-exceptions -fno-rtti -ffunction-sections
                                               -fdata-sections)
  set_target_properties(minim_${name} PROPERTIES CXX_VISIBILITY_PRESET hidden
                        VISIBILITY_INLINES_HIDDEN ON CXX_EXTENSIONS OFF
                        POSITION_INDEPENDENT_CODE ON EXPORT_NAME ${name})
  target_include_directories(minim_${name}
    PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
           "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
    PRIVATE "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(minim_${name} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  minim_warnings(minim_${name})
  minim_instrument(minim_${name})
  set_property(GLOBAL APPEND PROPERTY MINIM_LIBRARIES minim_${name})
endfunction()

# minim_program(name SOURCES ... LIBS ...): a program of ours; static where MINIM_STATIC asks for it.
function(minim_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden
                        VISIBILITY_INLINES_HIDDEN ON)
  target_compile_options(${name} PRIVATE -ffunction-sections -fdata-sections)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_LIBS})
  target_link_options(${name} PRIVATE -Wl,--gc-sections)
  if(MINIM_STATIC)
    target_link_options(${name} PRIVATE -static -Wl,--build-id=none)
  endif()
  minim_warnings(${name})
  minim_instrument(${name})
endfunction()

# minim_add_test(name SOURCES ... LIBS ... [LABELS ...]): a GoogleTest program; each case is one ctest
# test. Tests see src/ (internal headers) and tests/ (support).
function(minim_add_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src"
                                             "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gtest_main)
  minim_warnings(${name})
  minim_instrument(${name})
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120 LABELS "${ARG_LABELS}")
endfunction()
