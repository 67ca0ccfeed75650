# The target `civetweb`: CivetWeb compiled from the distribution's source package. The packaged binary
# crashes on the first TLS handshake and has neither IPv6 nor Unix sockets
# (docs/decisions/0001-civetweb-from-source.md). All presets share one unpacked source.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)

set(FLEET_CIVETWEB_SOURCE "" CACHE PATH
  "Unpacked source of CivetWeb 1.15 or later; empty: fetched by scripts/fetch-civetweb")
# Kept in the cache, so that a later configure without the variable finds the same source.
if(NOT FLEET_CIVETWEB_SOURCE AND DEFINED ENV{FLEET_CIVETWEB_SOURCE})
  set_property(CACHE FLEET_CIVETWEB_SOURCE PROPERTY VALUE "$ENV{FLEET_CIVETWEB_SOURCE}")
endif()

set(civetweb_source ${FLEET_CIVETWEB_SOURCE})
if(NOT civetweb_source)
  set(civetweb_source ${CMAKE_SOURCE_DIR}/build/deps/civetweb-1.15)
  if(NOT EXISTS ${civetweb_source})
    message(STATUS "Fetching the source of CivetWeb")
    execute_process(COMMAND ${CMAKE_SOURCE_DIR}/scripts/fetch-civetweb RESULT_VARIABLE civetweb_failed)
    if(civetweb_failed)
      message(FATAL_ERROR "The source of CivetWeb could not be fetched (see above). Without a network: "
        "unpack CivetWeb 1.15 or later and configure again with -DFLEET_CIVETWEB_SOURCE=FOLDER, or with "
        "FLEET_CIVETWEB_SOURCE=FOLDER in the environment.")
    endif()
  endif()
endif()
if(NOT EXISTS ${civetweb_source}/src/civetweb.c OR NOT EXISTS ${civetweb_source}/include/civetweb.h)
  message(FATAL_ERROR "No CivetWeb in ${civetweb_source}: src/civetweb.c and include/civetweb.h must exist.")
endif()

# A folder with the C header alone; the source's own folder has the C++ wrapper as well.
configure_file(${civetweb_source}/include/civetweb.h ${CMAKE_BINARY_DIR}/civetweb/include/civetweb.h COPYONLY)

# civetweb_access.c includes civetweb.c.
add_library(civetweb STATIC ${CMAKE_SOURCE_DIR}/exporter/web/civetweb_access.c)
target_include_directories(civetweb SYSTEM PUBLIC ${CMAKE_BINARY_DIR}/civetweb/include
  PRIVATE ${civetweb_source}/src)
# File serving, CGI and caching stay out: the exporter has handlers only, and most of CivetWeb's
# vulnerabilities were in the first two. Without STOP_FLAG_NEEDS_LOCK its threads race on the stop flag
# (ThreadSanitizer). The quantum, in ms, is how long mg_stop waits for an idle listener.
target_compile_definitions(civetweb PRIVATE
  OPENSSL_API_3_0 NO_SSL_DL USE_IPV6 USE_X_DOM_SOCKET NO_FILES NO_CGI NO_CACHING
  STOP_FLAG_NEEDS_LOCK SOCKET_TIMEOUT_QUANTUM=200)
target_compile_options(civetweb PRIVATE -w)
target_link_libraries(civetweb PUBLIC OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
