// What stands before the routes of a listener: rate limit, users or tokens, and the configured headers.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>

#include "exporter/web/http_server.h"
#include "exporter/web/passwords.h"
#include "exporter/web/sender_tokens.h"
#include "exporter/web/web_security.h"

namespace fleet {

// A bucket that holds `burst` requests and gets one back every `interval`. Thread-safe.
class RateLimiter {
 public:
  bool Allow(int burst, Duration interval, std::chrono::steady_clock::time_point now);

 private:
  std::mutex mutex_;
  // When the bucket would be full; the classic form of a bucket as one time.
  std::chrono::steady_clock::time_point full_at_{};
};

struct WebGateOptions {
  bool open_health = false;        // /-/healthy and /healthz for everyone
  SenderTokens* tokens = nullptr;  // senders need one of these instead of a user's password
  std::function<void(int status)> refused = [](int) {};
};

// Thread-safe. Both references must outlive it.
class WebGate {
 public:
  WebGate(WebSecurity& security, WebGateOptions options)
      : security_(&security), options_(std::move(options)) {}

  HttpResponse Handle(HttpRequest& request, const HttpHandler& routes);

  const Passwords& passwords() const { return passwords_; }

 private:
  HttpResponse Admit(HttpRequest& request, const WebSettings& settings, const HttpHandler& routes);
  HttpResponse AdmitUser(HttpRequest& request, const WebSettings& settings, const HttpHandler& routes);
  HttpResponse AdmitSender(HttpRequest& request, const HttpHandler& routes);
  HttpResponse Refuse(int status, std::string text, std::vector<HttpHeader> headers = {});

  WebSecurity* security_;
  WebGateOptions options_;
  Passwords passwords_;
  RateLimiter limiter_;
};

}  // namespace fleet
