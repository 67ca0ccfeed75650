// A connection while a thread serves it: reading and writing that wait, but never for long.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "exporter/web/connection.h"
#include "exporter/web/waiting_room.h"

namespace fleet {

enum class IoEnd { kDone, kTimeUp, kClosed };

struct ServedConnection {
  std::unique_ptr<Connection> connection;
  Afterwards afterwards = Afterwards::kClose;
  const WaitingRoom* room = nullptr;
  const std::atomic<bool>* stopping = nullptr;  // all waiting ends

  // At least one byte. The whole transfer began at `begin` and may take `limit`; when threads are
  // scarce, kScarceLimit.
  IoEnd Read(char* to, std::size_t size, SteadyTime begin, std::chrono::milliseconds limit, std::size_t& got);
  // Waits until `unread` begins with a whole request. False when the client is not that quick: the room knows
  // what to do with what has come.
  bool AwaitNextRequest(std::chrono::milliseconds patience);
  // All of it, or false.
  bool Write(std::string_view bytes, SteadyTime begin, std::chrono::milliseconds limit);

  static constexpr std::chrono::milliseconds kScarceLimit{2000};

 private:
  bool Wait(IoResult::State wanted, SteadyTime begin, std::chrono::milliseconds limit) const;
};

}  // namespace fleet
