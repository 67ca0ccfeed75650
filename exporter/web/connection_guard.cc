#include "exporter/web/connection_guard.h"

#include <sys/socket.h>

namespace fleet {
namespace {

constexpr std::chrono::milliseconds kTick{50};
// A connection that has just been accepted, or answered, deserves a moment for its (next) request.
constexpr std::chrono::milliseconds kGrace{100};

bool Passed(std::int64_t deadline, SteadyTime now) {
  return deadline != 0 && deadline <= now.time_since_epoch().count();
}

}  // namespace

ConnectionGuard::ConnectionGuard(int threads)
    : watched_(static_cast<std::size_t>(threads)), thread_([this] { Run(); }) {}

ConnectionGuard::~ConnectionGuard() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

ConnectionGuard::Watched* ConnectionGuard::Watch(int socket) {
  const std::lock_guard lock(mutex_);
  for (Watched& watched : watched_) {
    if (watched.socket_ >= 0) continue;
    watched.socket_ = socket;
    watched.Unlimit();
    watched.Idle(std::chrono::steady_clock::now());
    ++connections_;
    return &watched;
  }
  return nullptr;  // more connections than threads: cannot be
}

void ConnectionGuard::Forget(Watched* watched) {
  const std::lock_guard lock(mutex_);
  watched->socket_ = -1;
  --connections_;
}

void ConnectionGuard::Drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
}

void ConnectionGuard::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kTick, [this] { return stopping_; })) Check(std::chrono::steady_clock::now());
}

// SHUT_RD lets a request that has just arrived be read and answered.
void ConnectionGuard::Check(SteadyTime now) {
  const bool scarce = connections_ == watched_.size();
  for (Watched& watched : watched_) {
    if (watched.socket_ < 0) continue;
    if (Passed(watched.answer_until_, now)) {
      shutdown(watched.socket_, SHUT_RDWR);
    } else if (Passed(watched.read_until_, now)) {
      shutdown(watched.socket_, SHUT_RD);
    } else if ((scarce && Passed(watched.idle_since_, now - kGrace)) ||
               (draining_ && watched.idle_since_ != 0)) {
      shutdown(watched.socket_, SHUT_RD);
    }
  }
}

}  // namespace fleet
