// The one adapter of libcurl among the sources: a few GETs at once, bounded in time and size.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporter/sources/deadline.h"
#include "lib/base/clock.h"

namespace fleet {

struct HttpClientOptions {
  std::string username;
  std::string password_file;
  std::string bearer_token_file;
  std::string ca_file;  // empty: the system's
  std::string client_cert_file;
  std::string client_key_file;
  std::size_t max_body_bytes = 8U << 20U;
};

struct HttpGot {
  std::string body;
  std::string error;               // non-empty: there is no body; never has a secret in it
  int status = 0;                  // 0: no answer
  std::optional<UnixMillis> date;  // of the answer's Date header
};

// Keeps connections between calls. Not thread-safe.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // All at the same time; answers in the order of `urls`. Everything but 2xx is an error: redirects are
  // not followed, or the secrets would go where the answer says. No proxy of the environment is used.
  std::vector<HttpGot> Get(const std::vector<std::string>& urls, const Deadline& deadline);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fleet
