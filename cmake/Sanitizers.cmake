# FLEET_SANITIZE applies to everything compiled here, third-party code included: a data race
# that starts in CivetWeb's threads must be seen whole.
if(FLEET_SANITIZE)
  add_compile_options(-fsanitize=${FLEET_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FLEET_SANITIZE})
  if(FLEET_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # gcc 12 warns that it does not instrument fences; simdjson and libstdc++ use none that matter.
    add_compile_options(-Wno-tsan)
  endif()
endif()

# What is fuzzed must tell the fuzzer what of it was reached, the libraries above all; only the targets have
# its main.
if(FLEET_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
