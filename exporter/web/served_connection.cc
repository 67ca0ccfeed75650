#include "exporter/web/served_connection.h"

#include <algorithm>

namespace fleet {

using IoState = IoResult::State;
using std::chrono::milliseconds;

// Looks up now and then: threads may become scarce, and the server may be stopped.
bool ServedConnection::Wait(IoState wanted, SteadyTime begin, milliseconds limit) const {
  constexpr milliseconds kTick{100};
  for (;;) {
    if (*stopping) return false;
    const milliseconds most = room->scarce() ? std::min(limit, kScarceLimit) : limit;
    const auto left = std::chrono::ceil<milliseconds>(begin + most - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    if (AwaitSocket(connection->socket(), wanted, std::min(left, kTick))) return true;
  }
}

IoEnd ServedConnection::Read(char* to, std::size_t size, SteadyTime begin, milliseconds limit,
                             std::size_t& got) {
  for (;;) {
    const IoResult result = connection->Read(to, size);
    got = result.bytes;
    if (result.state == IoState::kDone) return IoEnd::kDone;
    if (result.state == IoState::kEnded) return IoEnd::kClosed;
    if (!Wait(result.state, begin, limit)) return IoEnd::kTimeUp;
  }
}

bool ServedConnection::Write(std::string_view bytes, SteadyTime begin, milliseconds limit) {
  while (!bytes.empty()) {
    const IoResult result = connection->Write(bytes);
    if (result.state == IoState::kEnded) return false;
    if (result.state != IoState::kDone && !Wait(result.state, begin, limit)) return false;
    bytes.remove_prefix(result.bytes);
  }
  return true;
}

}  // namespace fleet
