// The one adapter of CivetWeb: a listener with its own threads, requests and answers as plain values.
// Every callback of CivetWeb is a barrier: an exception ends in a 500, never in the process.
//
// CivetWeb gives each connection a thread, and reads as if all clients were friends. Here it listens,
// parses heads and keeps the threads; the rest is ours:
// - connections wait in a WaitingRoom, and get a thread only with a complete head;
// - requests whose framing two parties could read differently (a length twice, a length and chunks,
//   folded or too many headers, odd chunks) are refused with 400 or 431, and the connection with them;
// - a body has a size limit and a deadline as a whole, an answer a deadline, whatever trickles; both are
//   shorter while threads are scarce;
// - TLS is OpenSSL's, without CivetWeb's layer between.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "exporter/exposition/byte_sink.h"
#include "exporter/web/connection.h"
#include "lib/base/result.h"

namespace fleet {

struct Sender;  // sender_tokens.h

struct HttpHeader {
  std::string name;
  std::string value;
};

// An answer: a complete body, or chunks from `stream`. HEAD gets the same without the body.
struct HttpResponse {
  int status = 200;
  std::string_view content_type;  // a literal
  std::vector<HttpHeader> headers;
  std::string body;
  std::function<void(const ByteSink& write)> stream;

  static HttpResponse Text(int status, std::string body) {
    return {status, "text/plain; charset=utf-8", {}, std::move(body), {}};
  }
  static HttpResponse Json(int status, std::string body) {
    return {status, "application/json", {}, std::move(body), {}};
  }
};

// Why a body could not be read, as the status to answer: 400 broken, 408 too slow, 413 too large.
struct BodyError {
  int status = 400;
  std::string text;
};

// A request while its handler runs. The texts live as long.
class HttpRequest {
 public:
  virtual ~HttpRequest() = default;

  std::string_view method;
  std::string_view path;   // as sent: percent-encoded, without the query
  std::string_view query;  // as sent, without '?'
  // Who sends, where senders have tokens.
  std::shared_ptr<const Sender> sender;

  // Value of the first header of that name (case-insensitive), empty when absent.
  virtual std::string_view Header(std::string_view name) const = 0;
  // The whole body. At most once, only where a handler wants it: a body nobody reads costs nothing
  // and ends the connection.
  virtual tl::expected<std::string, BodyError> ReadBody(std::size_t limit) = 0;

 protected:
  HttpRequest() = default;
  HttpRequest(const HttpRequest&) = default;
  HttpRequest& operator=(const HttpRequest&) = default;
};

// Called from many threads at once.
using HttpHandler = std::function<HttpResponse(HttpRequest&)>;

struct HttpServerOptions {
  // ":10940", "127.0.0.1:0", "[::1]:10940", "unix:/run/x.sock"; see listen_address.h.
  std::vector<std::string> listen_addresses;
  int threads = 8;                                    // requests served at the same time
  std::size_t max_connections = 1024;                 // beyond, the one silent for longest goes
  int overload_status = 503;                          // with Retry-After, when no thread is free
  std::chrono::milliseconds head_deadline{5000};      // for handshake and head of a request
  std::chrono::milliseconds idle_deadline{120'000};   // for the next request
  std::chrono::milliseconds thread_patience{2000};    // for a thread that is free
  std::chrono::milliseconds body_deadline{10'000};    // for the whole body
  std::chrono::milliseconds answer_deadline{60'000};  // for the whole answer
  // Sessions for new connections; none: plain HTTP. See WaitingRoomOptions.
  std::function<SslSession()> new_session;
  std::function<bool(const Connection&)> may_stay = [](const Connection&) { return true; };
  // How long a thread waits for the next request of a connection, while a quarter of them at most does: the
  // client that sends one after the other needs no handing over, which costs as much as an event.
  std::chrono::milliseconds next_request_patience{3};
  // What CivetWeb complains about while it runs, and exceptions of the handler.
  std::function<void(std::string_view message)> log = [](std::string_view) {};
  // Requests that were refused before they reached the handler.
  std::function<void(int status)> refused = [](int) {};
};

class HttpServer {
 public:
  // Binds and serves; port 0 picks a free one. Errors name the address.
  static Result<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options, HttpHandler handler);
  // Cuts running requests off; Drain first.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // As bound, with real ports: "127.0.0.1:34567".
  const std::vector<std::string>& addresses() const;
  // Real ports of the TCP addresses, in the same order.
  const std::vector<int>& ports() const;

  // From now on new requests get a 503 and idle connections end; running requests go on.
  void Drain();
  int running_requests() const;

 private:
  class Impl;
  friend void AcceptInto(void* server, int listener);
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fleet
