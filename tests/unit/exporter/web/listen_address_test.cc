#include "exporter/web/listen_address.h"

#include <catch2/catch.hpp>

namespace fleet {
namespace {

TEST_CASE("addresses to listen on") {
  using Kind = ListenAddress::Kind;
  const auto check = [](std::string_view text, Kind kind, std::string_view host, int port) {
    CAPTURE(text);
    const auto address = ParseListenAddress(text);
    REQUIRE(address);
    CHECK(address->kind == kind);
    CHECK(address->host == host);
    CHECK(address->port == port);
  };
  check(":10940", Kind::kAnyHost, "", 10940);
  check("127.0.0.1:0", Kind::kHost, "127.0.0.1", 0);
  check("localhost:65535", Kind::kHost, "localhost", 65535);
  check("[::1]:80", Kind::kHost, "[::1]", 80);
  check("unix:/run/fleet.sock", Kind::kUnixSocket, "/run/fleet.sock", 0);
}

TEST_CASE("what is no address says why") {
  const auto error = [](std::string_view text) { return ParseListenAddress(text).error().message; };
  CHECK(error("") == "'' is no address: expected [HOST]:PORT or unix:/PATH");
  CHECK(error("10940") == "'10940' is no address: expected [HOST]:PORT or unix:/PATH");
  CHECK(error("localhost:") == "'localhost:' is no address: expected [HOST]:PORT or unix:/PATH");
  CHECK(error(":65536") == "':65536' is no address: expected [HOST]:PORT or unix:/PATH");
  CHECK(error(":-1") == "':-1' is no address: expected [HOST]:PORT or unix:/PATH");
  CHECK(error(":80s") == "':80s' is no address: expected [HOST]:PORT or unix:/PATH");
  CHECK(error("::1:80") == "'::1' is no host name or IP address");
  CHECK(error("[::zz]:80") == "'[::zz]' is no host name or IP address");
  CHECK(error("a,b:80") == "'a,b' is no host name or IP address");
  CHECK(error("unix:relative") ==
        "'relative' is no absolute path of a socket (at most 107 bytes, no ',' or ':')");
}

}  // namespace
}  // namespace fleet
