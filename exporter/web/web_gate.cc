#include "exporter/web/web_gate.h"

namespace fleet {
namespace {

bool IsHealth(std::string_view path) { return path == "/-/healthy" || path == "/healthz"; }

}  // namespace

bool RateLimiter::Allow(int burst, Duration interval, std::chrono::steady_clock::time_point now) {
  if (interval.count() <= 0) return true;
  const std::lock_guard lock(mutex_);
  const auto full_at = std::max(full_at_, now) + interval;
  if (full_at - now > interval * burst) return false;
  full_at_ = full_at;
  return true;
}

HttpResponse WebGate::Handle(HttpRequest& request, const HttpHandler& routes) {
  if (options_.open_health && IsHealth(request.path)) return routes(request);
  const auto settings = security_->Current();
  if (settings == nullptr) return Refuse(500, "Internal Server Error\n");
  HttpResponse response = Admit(request, *settings, routes);
  for (const auto& configured : settings->file.headers) {
    std::erase_if(response.headers,
                  [&](const HttpHeader& header) { return header.name == configured.first; });
    response.headers.push_back({configured.first, configured.second});
  }
  return response;
}

HttpResponse WebGate::Admit(HttpRequest& request, const WebSettings& settings, const HttpHandler& routes) {
  if (!limiter_.Allow(settings.file.rate_burst, settings.file.rate_interval,
                      std::chrono::steady_clock::now())) {
    return Refuse(429, "Too Many Requests\n", {{"Retry-After", "1"}});
  }
  if (options_.tokens != nullptr) return AdmitSender(request, routes);
  if (!settings.file.users.empty()) return AdmitUser(request, settings, routes);
  return routes(request);
}

HttpResponse WebGate::AdmitUser(HttpRequest& request, const WebSettings& settings,
                                const HttpHandler& routes) {
  Credentials credentials;
  if (ParseBasic(request.Header("Authorization"), credentials)) {
    switch (passwords_.Check(settings.file.users, credentials)) {
      case Passwords::Verdict::kRight:
        return routes(request);
      case Passwords::Verdict::kBusy:
        return Refuse(429, "Too Many Requests\n", {{"Retry-After", "1"}});
      case Passwords::Verdict::kWrong:
        break;
    }
  }
  return Refuse(401, "Unauthorized\n", {{"WWW-Authenticate", "Basic"}});
}

HttpResponse WebGate::AdmitSender(HttpRequest& request, const HttpHandler& routes) {
  const auto senders = options_.tokens->Current();
  if (senders == nullptr) return Refuse(500, "Internal Server Error\n");
  request.sender = FindSender(*senders, request.Header("Authorization"));
  if (request.sender == nullptr) return Refuse(401, "Unauthorized\n", {{"WWW-Authenticate", "Bearer"}});
  return routes(request);
}

HttpResponse WebGate::Refuse(int status, std::string text, std::vector<HttpHeader> headers) {
  options_.refused(status);
  HttpResponse response = HttpResponse::Text(status, std::move(text));
  response.headers = std::move(headers);
  return response;
}

}  // namespace fleet
