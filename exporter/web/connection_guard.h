// Ends connections that take too long. CivetWeb's own time limits are per read: one byte every few
// seconds holds a thread for ever, and silent connections hold all of them.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace fleet {

using SteadyTime = std::chrono::steady_clock::time_point;

class ConnectionGuard {
 public:
  // One connection, written by the thread that serves it. Requests touch only atomics.
  class Watched {
   public:
    // The connection waits for a request: it may be closed when threads are scarce.
    void Idle(SteadyTime since) { idle_since_ = since.time_since_epoch().count(); }
    void Busy() { idle_since_ = 0; }

    // Reading ends at that time as if the client had ended; answering is still possible.
    void LimitReading(SteadyTime until) { read_until_ = until.time_since_epoch().count(); }
    // The connection ends at that time.
    void LimitAnswer(SteadyTime until) { answer_until_ = until.time_since_epoch().count(); }
    void Unlimit() { read_until_ = answer_until_ = 0; }

   private:
    friend class ConnectionGuard;
    int socket_ = -1;  // -1: free. Guarded by the mutex of the guard.
    std::atomic<std::int64_t> idle_since_{0};
    std::atomic<std::int64_t> read_until_{0};
    std::atomic<std::int64_t> answer_until_{0};
  };

  // `threads` as many connections as can be served at a time.
  explicit ConnectionGuard(int threads);
  ~ConnectionGuard();
  ConnectionGuard(const ConnectionGuard&) = delete;
  ConnectionGuard& operator=(const ConnectionGuard&) = delete;

  // Valid until Forget, which must come before the socket is closed.
  Watched* Watch(int socket);
  void Forget(Watched* watched);

  // Ends idle connections now and from now on.
  void Drain();

 private:
  void Run();
  void Check(SteadyTime now);

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool draining_ = false;
  std::size_t connections_ = 0;
  std::vector<Watched> watched_;
  std::thread thread_;
};

}  // namespace fleet
