#include "exporter/web/chunked_body.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace fleet {
namespace {

struct Outcome {
  ChunkedBody::State state;
  std::string text;
  std::string rest;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << static_cast<int>(outcome.state) << " '" << outcome.text << "' '" << outcome.rest << "'";
}

// In pieces of `size` bytes.
Outcome Read(std::string bytes, std::size_t size, std::size_t limit = 100) {
  ChunkedBody body(limit);
  std::string unread;
  while (!bytes.empty() && body.state() == ChunkedBody::State::kIncomplete) {
    unread += bytes.substr(0, size);
    bytes.erase(0, size);
    unread.erase(0, body.Take(unread));
  }
  return {body.state(), body.text(), unread + bytes};
}

TEST_CASE("chunked bodies, whole and byte by byte") {
  struct Row {
    const char* bytes;
    Outcome outcome;
  };
  const std::vector<Row> rows = {
      {"0\r\n\r\n", {ChunkedBody::State::kComplete, "", ""}},
      {"3\r\nabc\r\n0\r\n\r\nGET /", {ChunkedBody::State::kComplete, "abc", "GET /"}},
      {"3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\n", {ChunkedBody::State::kComplete, "abc0123456789", ""}},
      {"3;name=value\r\nabc\r\n0;x\r\nTrailer: y\r\n\r\n", {ChunkedBody::State::kComplete, "abc", ""}},
      {"3\r\nabc\r\n", {ChunkedBody::State::kIncomplete, "abc", ""}},
      {"3\r\nab", {ChunkedBody::State::kIncomplete, "ab", ""}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    CHECK(Read(row.bytes, 1000) == row.outcome);
    CHECK(Read(row.bytes, 1) == row.outcome);
  }
}

TEST_CASE("chunks that two parties could read differently are malformed") {
  for (const char* bytes :
       {"\r\n", "x\r\n", "-1\r\n", "+3\r\nabc\r\n", "0x3\r\nabc\r\n", " 3\r\nabc\r\n", "3 \r\nabc\r\n",
        "3\nabc\r\n", "3\r\r\nabc", "3\r\nabcd\r\n", "3\r\nabc\n0\r\n\r\n", "3\r\nabc\rX", "3;a\nb\r\nabc",
        "ffffffffffffffff\r\n", "100000000\r\n", "00000003\r\nabc", "0\r\nX: y\n\r\n", "0\r\n\rX"}) {
    CAPTURE(bytes);
    CHECK(Read(bytes, 1000).state == ChunkedBody::State::kMalformed);
    CHECK(Read(bytes, 1).state == ChunkedBody::State::kMalformed);
  }
}

TEST_CASE("a chunked body ends at its limit, and cannot be mostly framing") {
  CHECK(Read("64\r\n" + std::string(100, 'a') + "\r\n0\r\n\r\n", 7).state == ChunkedBody::State::kComplete);
  CHECK(Read("65\r\n", 7).state == ChunkedBody::State::kTooLarge);
  CHECK(Read("64\r\n" + std::string(100, 'a') + "\r\n1\r\n", 7).state == ChunkedBody::State::kTooLarge);
  CHECK(Read("fffffff\r\n", 7).state == ChunkedBody::State::kTooLarge);
  CHECK(Read("1;" + std::string(300, 'x'), 7).state == ChunkedBody::State::kMalformed);
  CHECK(Read("0\r\n" + std::string(300, 'x'), 7).state == ChunkedBody::State::kMalformed);
  std::string bytewise;
  for (int i = 0; i < 100; ++i) bytewise += "1\r\na\r\n";
  CHECK(Read(bytewise + "0\r\n\r\n", 7).text == std::string(100, 'a'));
}

}  // namespace
}  // namespace fleet
