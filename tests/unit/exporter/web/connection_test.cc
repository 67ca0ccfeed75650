#include "exporter/web/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

using namespace fleet;
using namespace std::chrono_literals;
using State = IoResult::State;

namespace {

// Two ends; the first is the connection's and blocks.
struct Pair {
  Pair() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0); }
  ~Pair() { close(ends[1]); }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  void Send(std::string_view bytes) const { REQUIRE(write(ends[1], bytes.data(), bytes.size()) > 0); }

  std::array<int, 2> ends{};
};

}  // namespace

TEST_CASE("a connection whose socket blocks still answers at once, but where it is asked to wait") {
  const Pair pair;
  Connection connection(pair.ends[0], nullptr);
  std::array<char, 16> buffer;
  CHECK(connection.Read(buffer.data(), buffer.size()).state == State::kWantsRead);
  CHECK(connection.Discard().state == State::kWantsRead);

  const auto begin = std::chrono::steady_clock::now();
  CHECK(connection.ReadWithin(20ms, buffer.data(), buffer.size()).state == State::kWantsRead);
  CHECK(std::chrono::steady_clock::now() - begin >= 15ms);
  CHECK(connection.ReadWithin(0ms, buffer.data(), buffer.size()).state == State::kWantsRead);

  std::thread late([&] {
    std::this_thread::sleep_for(20ms);
    pair.Send("abc");
  });
  const IoResult waited = connection.ReadWithin(60s, buffer.data(), buffer.size());
  late.join();
  CHECK(waited.state == State::kDone);
  CHECK(std::string_view(buffer.data(), waited.bytes) == "abc");
}

TEST_CASE("a connection whose socket blocks does not wait for a client that reads nothing") {
  const Pair pair;
  Connection connection(pair.ends[0], nullptr);
  const std::string much(1U << 20U, 'x');
  IoResult result;
  for (int i = 0; i < 100 && result.state == State::kDone; ++i) result = connection.Write(much);
  CHECK(result.state == State::kWantsWrite);
}
