# fleet_warnings: linked by every target of ours, never by the third-party code we compile.
add_library(fleet_warnings INTERFACE)
target_compile_options(fleet_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
# What gcc 12 says wrongly of std::string and std::variant when it optimises (GCC bugs 105651, 105329,
# 105593). clang's analysis of the same code runs in the gate.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(fleet_warnings INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow
    -Wno-stringop-overread -Wno-maybe-uninitialized)
endif()
if(FLEET_WERROR)
  target_compile_options(fleet_warnings INTERFACE -Werror)
endif()
