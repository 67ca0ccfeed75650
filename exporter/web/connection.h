// One accepted connection: its socket and, with TLS, its session. Nothing here blocks but ReadWithin.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;  // SSL of OpenSSL

namespace fleet {

using SteadyTime = std::chrono::steady_clock::time_point;

struct FreeSslSession {
  std::shared_ptr<const void> context;  // what the session was made of lives as long

  void operator()(ssl_st* session) const;
};
using SslSession = std::unique_ptr<ssl_st, FreeSslSession>;

struct IoResult {
  enum class State { kDone, kWantsRead, kWantsWrite, kEnded };
  State state = State::kDone;
  std::size_t bytes = 0;
};

// Used by one thread at a time.
class Connection {
 public:
  // Owns the socket. `session` is null without TLS; with it, the socket must not block, because OpenSSL
  // cannot say so call by call.
  Connection(int socket, SslSession session);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int socket() const { return socket_; }
  // Null without TLS.
  const ssl_st* session() const { return session_.get(); }

  // kDone once the session stands; always without TLS.
  IoResult Handshake();
  IoResult Read(char* to, std::size_t size);
  // Waits for the first byte for so long. Where the socket blocks, that is one system call and not three: a
  // read that finds nothing, the wait, the read.
  IoResult ReadWithin(std::chrono::milliseconds patience, char* to, std::size_t size);
  IoResult Write(std::string_view bytes);
  // Reads and drops what has come, past TLS; kEnded at the end.
  IoResult Discard();
  // Says that nothing more will come; reading is still possible.
  void EndWriting();

  // What the client has sent and nobody has taken yet.
  std::string unread;
  // The request is still coming: it may hold its thread for long.
  bool slow = false;
  // The waiting room watches the socket.
  bool watched = false;

 private:
  IoResult FromSsl(int result);

  int socket_;
  SslSession session_;
  bool established_ = false;
  std::chrono::milliseconds receive_timeout_{0};  // the socket's SO_RCVTIMEO
};

// Waits until the socket can be read or written, or the time is up (then false).
bool AwaitSocket(int socket, IoResult::State wanted, std::chrono::milliseconds patience);

}  // namespace fleet
