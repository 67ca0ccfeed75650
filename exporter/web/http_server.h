// The one adapter of CivetWeb: a listener with its own threads, requests and answers as plain values.
// Every callback of CivetWeb is a barrier: an exception ends in a 500, never in the process.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace fleet {

struct HttpRequest {
  std::string_view method;
  std::string_view path;   // decoded, without the query
  std::string_view query;  // raw, without '?'
  // Value of the first header of that name (case-insensitive), empty when absent.
  std::function<std::string_view(std::string_view name)> header;
  // The whole body, or why not: too large (413), too slow (408), broken framing (400). Read at most
  // once, only where a handler wants it.
  std::function<Result<std::string>(std::size_t limit, int& status)> read_body;
};

struct HttpHeader {
  std::string name;
  std::string value;
};

// Answers: a complete body, or chunks from `stream` (called with a sink until it returns).
struct HttpResponse {
  int status = 200;
  std::string content_type;
  std::vector<HttpHeader> headers;
  std::string body;
  std::function<void(const std::function<bool(std::string_view)>& write)> stream;
};

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

struct HttpServerOptions {
  std::vector<std::string> listen_addresses;  // ":10940", "127.0.0.1:0", "[::1]:10940", "unix:/run/x.sock"
  int threads = 8;
  std::chrono::milliseconds request_timeout{5000};
  std::chrono::milliseconds keep_alive_timeout{2000};  // zero: no keep-alive
  std::chrono::milliseconds body_deadline{10000};      // for the whole body, whatever trickles
};

class HttpServer {
 public:
  // Binds and serves; port 0 picks a free one (see ports()). Errors name the address.
  static Result<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options, HttpHandler handler);
  ~HttpServer();  // waits for running requests
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::vector<int> ports() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fleet
