// Where connections are while nobody serves them: one thread watches them all, shakes hands (TLS) and
// collects their requests. Only a request that is complete gets a thread, so connections that are
// silent, or send a byte a second, cost a file descriptor and what they have sent. Bodies that do not fit
// into kLongestHead are the exception; they get three quarters of the threads and no more.
//
// When there are more connections than allowed, the one that has been silent for longest goes. When no
// thread is free for too long, the request gets a short answer that says when to come back.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "exporter/web/connection.h"
#include "exporter/web/pending_body.h"

namespace fleet {

struct WaitingRoomOptions {
  std::size_t max_connections = 1024;
  int threads = 8;                                   // connections served at the same time
  std::chrono::milliseconds head_deadline{5000};     // for handshake and head, as a whole
  std::chrono::milliseconds body_deadline{10'000};   // for a body, as a whole
  std::chrono::milliseconds idle_deadline{120'000};  // for the first byte of the next request
  std::chrono::milliseconds thread_patience{2000};   // for a thread that is free
  int overload_status = 503;                         // with Retry-After, when none was
  // A session for a new connection; null without TLS, then connections are plain. It returns null when
  // TLS cannot be had at the moment: the connection is closed.
  std::function<SslSession()> new_session;
  // False for a connection whose right to be here has ended since its handshake.
  std::function<bool(const Connection&)> may_stay = [](const Connection&) { return true; };
  // Hands a connection to a thread; must not block.
  std::function<void(std::unique_ptr<Connection>)> serve;
  // Requests that got an answer here.
  std::function<void(int status)> refused = [](int) {};
};

enum class Afterwards { kNextRequest, kDiscard, kClose };

// Thread-safe.
class WaitingRoom {
 public:
  static constexpr std::size_t kLongestHead = 16U << 10U;  // CivetWeb's buffer

  explicit WaitingRoom(WaitingRoomOptions options);
  ~WaitingRoom();
  WaitingRoom(const WaitingRoom&) = delete;
  WaitingRoom& operator=(const WaitingRoom&) = delete;

  // Serving begins; connections that have come before have waited.
  void Open();
  // After it returned, `serve` is not called any more.
  void Close();

  void Enter(std::span<const int> sockets);
  // No file descriptor is left to accept with: the connection that is silent for longest goes.
  void MakeRoom();
  // Back from its thread.
  void Return(std::unique_ptr<Connection> connection, Afterwards afterwards);
  // Ends the connections of which no part of a request has come.
  void Drain();

  // Threads are nearly all taken: those that wait for their client should give up.
  bool scarce() const { return scarce_; }

 private:
  enum class State { kHandshake, kIdle, kHead, kBody, kReady, kDiscard };
  using Deadlines = std::multimap<SteadyTime, int>;
  struct Guest {
    std::unique_ptr<Connection> connection;
    State state = State::kHandshake;
    Deadlines::iterator deadline;
    Deadlines::iterator since;  // in silent_, where it is in waiting_
    std::size_t scanned = 0;    // of connection->unread: no end of the head in there
    std::size_t head = 0;       // its length, once it is complete
    std::optional<PendingBody> body;
    std::size_t discarded = 0;  // bytes
  };
  struct Returned {
    std::unique_ptr<Connection> connection;
    Afterwards afterwards;
  };

  void Run();
  void Wake();
  void TakeNew();
  void TakeReturned(Returned returned);
  Guest& Admit(std::unique_ptr<Connection> connection, State state, std::chrono::milliseconds patience);
  void Leave(int socket);
  // Each guest is in the lists of its state, from now on, and must leave them before it changes.
  void List(Guest& guest, State state, std::chrono::milliseconds patience);
  void Unlist(const Guest& guest);
  void Move(Guest& guest, State state, std::chrono::milliseconds patience);
  // Listens for what the guest waits for.
  void Arm(Guest& guest, IoResult::State wanted);

  void Progress(int socket);
  void ShakeHands(Guest& guest);
  void ReadRequest(Guest& guest);
  void Discard(Guest& guest);
  // These return true when the guest has become ready, or has left.
  bool FinishHead(Guest& guest);
  bool FinishBody(Guest& guest);
  void BecomeReady(Guest& guest, bool slow);
  bool HasThreadFor(bool slow) const;
  void Refuse(Guest& guest, int status, std::string_view text);

  void Expire();
  void EndIdle();
  void Dispatch();
  std::chrono::milliseconds UntilNextDeadline() const;

  WaitingRoomOptions options_;
  int epoll_ = -1;
  int wake_ = -1;
  std::atomic<bool> scarce_{false};

  std::mutex mutex_;  // guards the next block
  std::vector<int> entered_;
  std::vector<Returned> returned_;
  bool closed_ = false;
  bool end_idle_ = false;
  std::size_t rooms_wanted_ = 0;

  // Of the room's own thread.
  std::unordered_map<int, Guest> guests_;
  Deadlines waiting_;  // for their client
  Deadlines silent_;   // the same ones, by the time since when
  Deadlines ready_;    // for a thread, in the order in which they became so
  Deadlines slow_;     // the same, with a body that is still coming
  int served_ = 0;
  int served_slow_ = 0;

  std::thread thread_;
};

}  // namespace fleet
