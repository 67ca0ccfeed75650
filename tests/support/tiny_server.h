// An HTTP server for tests that may misbehave: it answers what it is told to, byte by byte if need be.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fleet::test {

// One connection, of which the request has been read.
class TinyExchange {
 public:
  TinyExchange(int fd, std::string its_path, std::string its_head, const std::atomic<bool>& closing)
      : path(std::move(its_path)), head(std::move(its_head)), fd_(fd), closing_(&closing) {}

  // False when the other side is gone, or the server ends.
  bool Send(const std::string& bytes) const;
  void Answer(int status, const std::string& body, const std::string& headers = {}) const;
  // Until the other side gives up, or the server ends.
  void Hang() const;

  const std::string path;
  const std::string head;  // the request line and headers

 private:
  int fd_;
  const std::atomic<bool>* closing_;
};

class TinyServer {
 public:
  using Handler = std::function<void(const TinyExchange&)>;

  explicit TinyServer(Handler handler);
  ~TinyServer();
  TinyServer(const TinyServer&) = delete;
  TinyServer& operator=(const TinyServer&) = delete;

  std::string Url(const std::string& path = {}) const;
  int port() const { return port_; }
  void SetHandler(Handler handler);
  // Connections that are open now, and the most there ever were.
  int open() const { return open_; }
  int most_open() const { return most_open_; }

 private:
  void Accept();
  void Serve(int fd);

  std::mutex mutex_;
  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> closing_ = false;
  std::atomic<int> open_ = 0;
  std::atomic<int> most_open_ = 0;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace fleet::test
