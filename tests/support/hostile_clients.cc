#include "tests/support/hostile_clients.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <string_view>

namespace fleet::test {
namespace {

constexpr std::string_view kTrickle = "GET /metrics HTTP/1.1\r\nHost: trickle\r\nX-Padding: ";
constexpr std::string_view kEndless =
    "POST /api/v1/events HTTP/1.1\r\nHost: endless\r\nContent-Type: application/x-ndjson\r\n"
    "Transfer-Encoding: chunked\r\n\r\n";

void Send(int socket, std::string_view bytes) {
  [[maybe_unused]] const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

HostileClients::HostileClients(int port, std::size_t count, std::optional<Kind> kind)
    : port_(port), clients_(count) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  for (std::size_t i = 0; i < count; ++i) {
    clients_[i].kind = kind.value_or(static_cast<Kind>(i % 4));
    Open(clients_[i]);
  }
  thread_ = std::thread([this] { Run(); });
}

HostileClients::~HostileClients() {
  stopping_ = true;
  thread_.join();
  for (const Client& client : clients_) close(client.socket);
}

void HostileClients::Open(Client& client) const {
  client.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(client.socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("a hostile client cannot connect");
  }
  client.sent = 0;
  if (client.kind == Kind::kHalfHead) Send(client.socket, "GET /metrics HTTP/1.1\r\nHos");
  if (client.kind == Kind::kEndless) Send(client.socket, kEndless);
}

// Once a second.
void HostileClients::Feed(Client& client) const {
  if (client.kind == Kind::kTrickle) {
    Send(client.socket, client.sent < kTrickle.size() ? kTrickle.substr(client.sent, 1) : "x");
    ++client.sent;
  }
  if (client.kind == Kind::kEndless) Send(client.socket, "2\r\n{}\r\n");
}

bool HostileClients::Ended(const Client& client) {
  std::array<char, 4096> scratch;
  const ssize_t got = recv(client.socket, scratch.data(), scratch.size(), MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

void HostileClients::Run() {
  // Such clients are on other machines: of this one they get the time that nobody else wants.
  const sched_param none{};
  sched_setscheduler(0, SCHED_IDLE, &none);
  constexpr int kTicks = 200;  // a few clients at a time: bursts of their own would hide what the server does
  for (int tick = 0; !stopping_; tick = (tick + 1) % kTicks) {
    for (std::size_t i = 0; i < clients_.size() && !stopping_; ++i) {
      Client& client = clients_[i];
      if (static_cast<int>(i % kTicks) != tick) continue;
      if (Ended(client)) {
        ++ended_;
        close(client.socket);
        Open(client);
      }
      Feed(client);
    }
    poll(nullptr, 0, 1000 / kTicks);
  }
}

}  // namespace fleet::test
