#include "exporter/simulate/curl_transport.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

namespace fleet::simulate {
namespace {

struct Received {
  int connection = 0;  // the how manieth, from 1
  std::string head;
  std::string body;
};

// A server that answers each request with the next of its texts; an empty text breaks the connection.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listener_, 8) == 0);
    REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { Serve(); });
  }
  ~ScriptedServer() { Finish(); }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  const std::string& url() const { return url_; }

  // Ends the server; what it has received.
  const std::vector<Received>& Finish() {
    if (thread_.joinable()) {
      shutdown(listener_, SHUT_RDWR);
      thread_.join();
      close(listener_);
    }
    return received_;
  }

 private:
  void Serve() {
    for (int connection = 1; next_ < answers_.size(); ++connection) {
      const int peer = accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      while (next_ < answers_.size() && ReadRequest(peer, connection)) {
        const std::string& answer = answers_[next_++];
        if (answer.empty()) break;
        if (send(peer, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
      }
      close(peer);
    }
  }

  bool ReadRequest(int peer, int connection) {
    std::string text;
    std::size_t wanted = std::string::npos;
    std::size_t head = 0;
    while (text.size() < wanted) {
      char buffer[4096];
      const ssize_t size = recv(peer, buffer, sizeof(buffer), 0);
      if (size <= 0) return false;
      text.append(buffer, static_cast<std::size_t>(size));
      const std::size_t end = text.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      head = end + 4;
      wanted = head + std::stoul(text.substr(text.find("Content-Length: ") + 16));
    }
    received_.push_back({connection, text.substr(0, head), text.substr(head)});
    return true;
  }

  std::vector<std::string> answers_;
  std::size_t next_ = 0;
  int listener_ = -1;
  std::string url_;
  std::vector<Received> received_;
  std::thread thread_;
};

std::string Http(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::unique_ptr<Transport> Connect(const std::string& url) {
  auto transport = ConnectTransport(url, [] { return false; });
  REQUIRE(transport.has_value());
  return std::move(*transport);
}

TEST_CASE("requests are NDJSON posts over one connection") {
  ScriptedServer server({Http("200 OK", "", "one"), Http("400 Bad Request", "", "two")});
  const auto transport = Connect(server.url());
  const HttpAnswer first = transport->Post("{\"a\":1}\n");
  const HttpAnswer second = transport->Post("{}\n");
  CHECK(first.status == 200);
  CHECK(first.body == "one");
  CHECK_FALSE(first.retry_after.has_value());
  CHECK(second.status == 400);
  CHECK(second.body == "two");
  const auto& received = server.Finish();
  REQUIRE(received.size() == 2);
  CHECK(received[0].head.starts_with("POST /api/v1/events HTTP/1.1\r\n"));
  CHECK(received[0].head.find("\r\nContent-Type: application/x-ndjson\r\n") != std::string::npos);
  CHECK(received[0].head.find("Expect:") == std::string::npos);
  CHECK(received[0].head.find("Encoding") == std::string::npos);
  CHECK(received[0].body == "{\"a\":1}\n");
  CHECK(received[1].body == "{}\n");
  CHECK(received[1].connection == 1);
}

TEST_CASE("Retry-After is read") {
  ScriptedServer server({Http("429 Too Many Requests", "Retry-After: 3\r\n", "")});
  const HttpAnswer answer = Connect(server.url())->Post("{}\n");
  CHECK(answer.status == 429);
  CHECK(answer.retry_after == std::chrono::seconds(3));
}

TEST_CASE("nobody there is an answer without a status, and says why") {
  std::string url;
  {
    ScriptedServer server({});
    url = server.url();
  }
  const HttpAnswer answer = Connect(url)->Post("{}\n");
  CHECK(answer.status == 0);
  CHECK(answer.error.find("connect") != std::string::npos);
}

TEST_CASE("a sender survives broken connections and overload, and loses nothing") {
  ScriptedServer server({"", Http("503 Service Unavailable", "", ""),
                         Http("200 OK", "", R"({"accepted":1,"duplicates":1,"rejected":[]})")});
  const auto transport = Connect(server.url());
  const SystemClock clock;
  Sender sender(
      *transport, clock, [](std::chrono::milliseconds) { return true; }, Sender::Options());
  CHECK(sender.Send(std::vector<std::string>{"{\"a\":1}\n", "{\"b\":2}\n"}) == SendOutcome::kDone);
  CHECK(sender.counts().sent == 2);
  CHECK(sender.counts().accepted == 1);
  CHECK(sender.counts().duplicates == 1);
  CHECK(sender.counts().retries == 2);
  for (const Received& request : server.Finish()) CHECK(request.body == "{\"a\":1}\n{\"b\":2}\n");
}

}  // namespace
}  // namespace fleet::simulate
