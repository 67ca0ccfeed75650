#include "exporter/web/request_head.h"

#include <catch2/catch.hpp>

namespace {

bool KeepsAlive(const char* version, const char* connection) {
  mg_request_info info{};
  info.http_version = version;
  if (connection != nullptr) {
    info.http_headers[0] = {"Connection", connection};
    info.num_headers = 1;
  }
  return fleet::WantsKeepAlive(info);
}

}  // namespace

// RFC 9112, section 9.3.
TEST_CASE("the connection goes on as the list in Connection says, whatever its case and blanks") {
  CHECK(KeepsAlive("1.1", nullptr));
  CHECK(KeepsAlive("1.1", "x"));
  CHECK(KeepsAlive("1.1", "keep-alive"));
  CHECK(!KeepsAlive("1.1", "close"));
  CHECK(!KeepsAlive("1.1", "keep-alive, close"));
  CHECK(!KeepsAlive("1.1", "x ,\t Close ,y"));
  CHECK(!KeepsAlive("1.0", nullptr));
  CHECK(!KeepsAlive("1.0", "x"));
  CHECK(!KeepsAlive("1.0", "keep-alive, close"));
  CHECK(KeepsAlive("1.0", "x ,\tKeep-Alive "));
}
