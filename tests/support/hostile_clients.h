// Clients that want to stop a server: connections that are silent, send half a head, a byte a second,
// or a chunked body without end. Whatever the server closes comes back at once.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <thread>
#include <vector>

namespace fleet::test {

class HostileClients {
 public:
  enum class Kind { kSilent, kHalfHead, kTrickle, kEndless };

  // `count` connections to 127.0.0.1:`port`, a quarter of each kind unless they are of one. Returns when all
  // have been opened.
  HostileClients(int port, std::size_t count, std::optional<Kind> kind = {});
  ~HostileClients();
  HostileClients(const HostileClients&) = delete;
  HostileClients& operator=(const HostileClients&) = delete;

  // Connections that the server has ended so far.
  std::size_t ended() const { return ended_; }

 private:
  struct Client {
    Kind kind = Kind::kSilent;
    int socket = -1;
    std::size_t sent = 0;  // bytes of a trickle
  };

  void Run();
  void Open(Client& client) const;
  void Feed(Client& client) const;
  static bool Ended(const Client& client);

  int port_;
  std::vector<Client> clients_;
  std::atomic<std::size_t> ended_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace fleet::test
