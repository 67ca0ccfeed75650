# fleet_compile_together(TARGET FOLDER...): with FLEET_UNITY (the presets of setup and of the gate have it)
# the target's files of each folder are compiled in groups of ten, which halves the time of a whole build.
# Folders whose files repeat each other's names (one file per kind of SLI, per source) stay out: what is in
# no group is compiled alone. clang-tidy and the preset dev see every file alone, so none leans on another's
# includes.
option(FLEET_UNITY "Compile files of a folder together" OFF)

function(fleet_compile_together target)
  if(NOT FLEET_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # gcc means headers: what it says of types in an anonymous namespace is said of an included .cc, too.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  get_target_property(sources ${target} SOURCES)
  foreach(folder IN LISTS ARGN)
    set(count 0)
    foreach(source IN LISTS sources)
      cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} OUTPUT_VARIABLE path)
      cmake_path(GET path PARENT_PATH parent)
      cmake_path(RELATIVE_PATH parent BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} OUTPUT_VARIABLE parent)
      if(parent STREQUAL folder)
        math(EXPR group "${count} / 10")
        set_source_files_properties(${source} PROPERTIES UNITY_GROUP "${folder}-${group}")
        math(EXPR count "${count} + 1")
      endif()
    endforeach()
    if(count EQUAL 0)
      message(FATAL_ERROR "fleet_compile_together(${target}): no file in ${folder}")
    endif()
  endforeach()
endfunction()
