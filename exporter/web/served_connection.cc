#include "exporter/web/served_connection.h"

#include <algorithm>
#include <array>
#include <string>

#include "exporter/web/civetweb_access.h"
#include "exporter/web/pending_body.h"
#include "exporter/web/request_line.h"

namespace fleet {

using IoState = IoResult::State;
using std::chrono::milliseconds;

namespace {

bool IsWholeRequest(std::string_view text) {
  const int length = fleet_civetweb_head_length(text.data(), static_cast<int>(text.size()));
  if (length <= 0) return length < 0;  // what cannot be a head is refused at once
  const auto head = static_cast<std::size_t>(length);
  if (!AsksForPath(text.substr(0, head))) return false;  // the room refuses it
  PendingBody body(text.substr(0, head), WaitingRoom::kLongestHead - head);
  return body.Look(text.substr(head)) == PendingBody::State::kWhole;
}

}  // namespace

// Whoever waits looks up now and then: threads may become scarce, and the server may be stopped.
constexpr milliseconds kTick{100};

bool ServedConnection::Wait(IoState wanted, SteadyTime begin, milliseconds limit) const {
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

bool ServedConnection::AwaitNextRequest(milliseconds patience) {
  const SteadyTime end = std::chrono::steady_clock::now() + patience;
  std::string& unread = connection->unread;
  std::array<char, WaitingRoom::kLongestHead> buffer;
  for (bool in_time = true;;) {
    SkipEmptyLines(unread);
    if (!unread.empty() && IsWholeRequest(unread)) return true;
    if (!in_time || unread.size() >= buffer.size()) return false;
    const IoResult result =
        connection->ReadWithin(std::min(patience, kTick), buffer.data(), buffer.size() - unread.size());
    if (result.state == IoState::kEnded) return false;
    unread.append(buffer.data(), result.bytes);
    in_time = std::chrono::steady_clock::now() < end && !*stopping && !room->scarce();
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
