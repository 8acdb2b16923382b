# minim_pkg(name module package): an imported target minim_<name> over pkg-config. Installed with
# minim as well, since its static archives need the same libraries wherever they are linked.
#   module   what pkg-config calls it
#   package  the Debian package that has it, for the error text
# With MINIM_STATIC the target links the library's archive.
function(minim_pkg name module package)
  if(TARGET minim_${name})
    return()
  endif()
  pkg_check_modules(MINIM_${name} QUIET ${module})
  if(NOT MINIM_${name}_FOUND)
    message(FATAL_ERROR "${module} was not found: apt-get install ${package}")
  endif()
  set(libraries ${MINIM_${name}_LINK_LIBRARIES})
  if(MINIM_STATIC)
    set(libraries)
    foreach(library ${MINIM_${name}_LIBRARIES})
      # libuv calls its archive libuv_a.a in Debian 12.
      find_library(MINIM_${name}_${library}_ARCHIVE NAMES lib${library}.a lib${library}_a.a
                   HINTS ${MINIM_${name}_LIBRARY_DIRS})
      if(NOT MINIM_${name}_${library}_ARCHIVE)
        message(FATAL_ERROR "lib${library}.a was not found: apt-get install ${package}")
      endif()
      list(APPEND libraries "${MINIM_${name}_${library}_ARCHIVE}")
    endforeach()
  endif()
  add_library(minim_${name} INTERFACE IMPORTED GLOBAL)
  target_include_directories(minim_${name} SYSTEM INTERFACE ${MINIM_${name}_INCLUDE_DIRS})
  target_link_libraries(minim_${name} INTERFACE ${libraries})
endfunction()
