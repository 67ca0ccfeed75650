# Writes build_info.h: what --version and fleet_exporter_build_info say.
find_package(Git QUIET)
set(FLEET_REVISION unknown)
set(FLEET_BRANCH unknown)
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --short=12 HEAD WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    OUTPUT_VARIABLE git_revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --abbrev-ref HEAD WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    OUTPUT_VARIABLE git_branch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(git_revision)
    set(FLEET_REVISION ${git_revision})
    set(FLEET_BRANCH ${git_branch})
  endif()
endif()
set(FLEET_COMPILER "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
configure_file(${CMAKE_CURRENT_LIST_DIR}/build_info.h.in ${CMAKE_BINARY_DIR}/generated/build_info.h @ONLY)
add_library(fleet_build_info INTERFACE)
target_include_directories(fleet_build_info INTERFACE ${CMAKE_BINARY_DIR}/generated)
