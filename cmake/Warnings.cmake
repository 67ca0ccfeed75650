# fleet_warnings: linked by every target of ours, never by the third-party code we compile.
add_library(fleet_warnings INTERFACE)
target_compile_options(fleet_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(FLEET_WERROR)
  target_compile_options(fleet_warnings INTERFACE -Werror)
endif()
