# fleet_warnings: linked by every target of ours, never by the third-party code we compile.
add_library(fleet_warnings INTERFACE)
target_compile_options(fleet_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
# gcc 12 warns wrongly about "literal" + std::string (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(fleet_warnings INTERFACE -Wno-restrict)
endif()
if(FLEET_WERROR)
  target_compile_options(fleet_warnings INTERFACE -Werror)
endif()
