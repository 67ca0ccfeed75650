# fleet_warnings: linked by every target of ours, never by the third-party code we compile.
add_library(fleet_warnings INTERFACE)
target_compile_options(fleet_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
# gcc 12 warns wrongly about "literal" + std::string (GCC bugs 105651 and 105329) and about optional members
# of a moved variant (105593) when it optimises; clang's analysis of both runs in the gate.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(fleet_warnings INTERFACE -Wno-restrict -Wno-stringop-overflow
    -Wno-maybe-uninitialized)
endif()
if(FLEET_WERROR)
  target_compile_options(fleet_warnings INTERFACE -Werror)
endif()
