#include "exporter/web/pending_body.h"

#include <catch2/catch.hpp>
#include <string>

namespace fleet {
namespace {

PendingBody::State Look(const std::string& headers, std::string_view body) {
  PendingBody pending("POST / HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n", 20);
  return pending.Look(body);
}

TEST_CASE("a request is whole when nothing more will come") {
  CHECK(Look("", "") == PendingBody::State::kWhole);
  CHECK(Look("Content-Length: 0\r\n", "") == PendingBody::State::kWhole);
  CHECK(Look("Content-Length: 3\r\n", "abc") == PendingBody::State::kWhole);
  CHECK(Look("content-LENGTH:3\r\n", "abcGET /") == PendingBody::State::kWhole);
  CHECK(Look("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n") == PendingBody::State::kWhole);
  CHECK(Look("Expect: 100-continue\r\n", "") == PendingBody::State::kWhole);
}

TEST_CASE("a small body is waited for, a large one needs a thread") {
  CHECK(Look("Content-Length: 20\r\n", "abc") == PendingBody::State::kComing);
  CHECK(Look("Content-Length: 21\r\n", "abc") == PendingBody::State::kLarge);
  CHECK(Look("Transfer-Encoding: chunked\r\n", "") == PendingBody::State::kComing);
  CHECK(Look("Transfer-Encoding: chunked\r\n", "c\r\n0\r\n\r\n") ==
        PendingBody::State::kComing);  // within the chunk
  CHECK(Look("Transfer-Encoding: chunked\r\n", "15\r\n") == PendingBody::State::kLarge);
  CHECK(Look("Transfer-Encoding: chunked\r\n", "1;" + std::string(18, 'x')) == PendingBody::State::kLarge);
  CHECK(Look("Content-Length: 3\r\nExpect: 100-continue\r\n", "") == PendingBody::State::kLarge);
}

TEST_CASE("what will be refused is not waited for") {
  CHECK(Look("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "") == PendingBody::State::kWhole);
  CHECK(Look("Content-Length: x\r\n", "") == PendingBody::State::kWhole);
  CHECK(Look("Content-Length: -1\r\n", "") == PendingBody::State::kWhole);
  CHECK(Look("Transfer-Encoding: chunked\r\n", "zz\r\n") == PendingBody::State::kWhole);
}

TEST_CASE("a body is looked at as it grows") {
  PendingBody pending("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 100);
  const std::string body = "3\r\nabc\r\n0\r\n\r\n";
  for (std::size_t size = 0; size < body.size(); ++size) {
    CHECK(pending.Look(std::string_view(body).substr(0, size)) == PendingBody::State::kComing);
  }
  CHECK(pending.Look(body) == PendingBody::State::kWhole);
}

}  // namespace
}  // namespace fleet
