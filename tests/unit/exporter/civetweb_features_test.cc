// The CivetWeb that was compiled here can do what the exporter's listeners need; http_server_test.cc and
// tls_test.cc use it. The distribution's binary has the same version number and none of it.
#include <civetweb.h>

#include <catch2/catch.hpp>

TEST_CASE("CivetWeb is compiled with TLS, IPv6 and Unix sockets, without files, CGI and cache") {
  const unsigned wanted = MG_FEATURES_TLS | MG_FEATURES_IPV6 | MG_FEATURES_X_DOMAIN_SOCKET;
  const unsigned unwanted = MG_FEATURES_FILES | MG_FEATURES_CGI | MG_FEATURES_CACHE | MG_FEATURES_WEBSOCKET |
                            MG_FEATURES_HTTP2 | MG_FEATURES_LUA;
  CHECK(mg_check_feature(wanted) == wanted);
  CHECK(mg_check_feature(unwanted) == 0);
}
