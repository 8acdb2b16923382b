# How minim's own targets are made. All properties sit on the targets: a project that adds minim as
# a subdirectory sees no change of its own flags.

include(CheckLinkerFlag)

# Flags that must be the same in every object of a sanitizer, coverage or fuzzing build.
function(minim_instrument target)
  if(MINIM_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${MINIM_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all
                                             -fno-sanitize=vptr)
    target_link_options(${target} PRIVATE -fsanitize=${MINIM_SANITIZE})
  endif()
  if(MINIM_COVERAGE)
    # No path in the object but relative ones, or ccache knows it in this folder only: by itself
    # the first flag makes the working directory part of ccache's key. LLVM_PROFILE_FILE goes first.
    target_compile_options(${target} PRIVATE -fprofile-instr-generate=/dev/null -fcoverage-mapping
                                             -ffile-compilation-dir=.)
    target_link_options(${target} PRIVATE -fprofile-instr-generate -fcoverage-mapping)
  endif()
  if(MINIM_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  if(MINIM_LTO)
    set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
  endif()
endfunction()

function(minim_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                           -Wno-sign-conversion -Werror)
  # g++ 12 takes the unset part of a std::optional for an uninitialised read once it is inlined.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endfunction()

# Tables for unwinding are 100 KB of a small program, and nothing is ever thrown through minim.
function(minim_leave_out_unwind_tables target)
  target_compile_options(${target} PRIVATE
    $<$<CONFIG:MinSizeRel>:-fno-unwind-tables;-fno-asynchronous-unwind-tables>)
endfunction()

# The same of OpenSSL's archives, which are linked as Debian has built them. Linkers that do not
# take the script leave the tables in.
function(minim_discard_crypto_unwind target)
  set(script "${PROJECT_SOURCE_DIR}/cmake/no_crypto_unwind.ld")
  check_linker_flag(CXX "-Wl,-T,${script}" MINIM_LINKER_TAKES_SCRIPT)
  if(MINIM_LINKER_TAKES_SCRIPT)
    target_link_options(${target} PRIVATE "-Wl,-T,${script}")
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${script}")
  endif()
endfunction()

# minim_library(name SOURCES a.cc ... DEPS t ... PRIVATE_DEPS t ...)
# A static library of our own: no exceptions, no RTTI, hidden symbols, one section per function.
# Whatever is in MINIM_LIBRARIES is installed.
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
  minim_leave_out_unwind_tables(minim_${name})
  minim_warnings(minim_${name})
  minim_instrument(minim_${name})
  set_property(GLOBAL APPEND PROPERTY MINIM_LIBRARIES minim_${name})
endfunction()

# minim_aggregate(name LIBS t ...): minim::<name> stands for several of our libraries.
function(minim_aggregate name)
  cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
  add_library(minim_${name} INTERFACE)
  add_library(minim::${name} ALIAS minim_${name})
  target_link_libraries(minim_${name} INTERFACE ${ARG_LIBS})
  set_target_properties(minim_${name} PROPERTIES EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY MINIM_LIBRARIES minim_${name})
endfunction()

# minim_program(name SOURCES ... LIBS ...): a program of ours, static where MINIM_STATIC says so.
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
    minim_discard_crypto_unwind(${name})
  endif()
  minim_warnings(${name})
  minim_instrument(${name})
endfunction()

# GoogleTest and what most tests include besides, read once for all of them: half of the time of a
# small one. For gcc, as clang's holds paths and the compiler cache would know no test in another
# folder. It would hide that a test does not include what it uses; the preset dev is without.
function(minim_precompile target)
  if(NOT MINIM_PRECOMPILE OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  if(NOT TARGET minim_precompiled)
    file(WRITE "${PROJECT_BINARY_DIR}/precompiled.cc" "")
    add_library(minim_precompiled OBJECT "${PROJECT_BINARY_DIR}/precompiled.cc")
    target_compile_features(minim_precompiled PRIVATE cxx_std_20)
    set_target_properties(minim_precompiled PROPERTIES CXX_EXTENSIONS OFF)
    target_link_libraries(minim_precompiled PRIVATE GTest::gtest)
    minim_warnings(minim_precompiled)
    minim_instrument(minim_precompiled)
    target_precompile_headers(minim_precompiled PRIVATE
      <gtest/gtest.h> <chrono> <functional> <optional> <span> <variant>)
  endif()
  target_precompile_headers(${target} REUSE_FROM minim_precompiled)
endfunction()

# minim_add_test(name SOURCES ... LIBS ... [LABELS ...] [WHOLE] [LEAN] [TIMEOUT s])
# A GoogleTest program; each case is one ctest test, or with WHOLE all cases run in one process (for
# suites whose set-up is dear; scripts/test still counts the cases). With LEAN it has no exceptions
# and no RTTI. Tests see src/ (internal headers) and tests/ (support). Those below tests/unit get
# the label "unit".
# The targets minim_tests and minim_tests_<label> build the tests all together and by label.
function(minim_add_test name)
  cmake_parse_arguments(ARG "WHOLE;LEAN" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(CMAKE_CURRENT_SOURCE_DIR MATCHES "^${PROJECT_SOURCE_DIR}/tests/unit/")
    list(APPEND ARG_LABELS unit)
    list(REMOVE_DUPLICATES ARG_LABELS)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src"
                                             "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gtest_main)
  minim_warnings(${name})
  minim_instrument(${name})
  if(ARG_LEAN)
    target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti)
  else()
    minim_precompile(${name})
  endif()
  foreach(label IN LISTS ARG_LABELS ITEMS "")
    string(JOIN "_" group minim_tests ${label})
    if(NOT TARGET ${group})
      add_custom_target(${group})
    endif()
    add_dependencies(${group} ${name})
  endforeach()
  if(ARG_WHOLE)
    add_test(NAME ${name}
             COMMAND ${name} "--gtest_output=xml:${PROJECT_BINARY_DIR}/gtest/${name}.xml")
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
  else()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
                         PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
  endif()
endfunction()
