// A request without a server.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "exporter/web/http_server.h"

namespace fleet::test {

class FakeRequest final : public HttpRequest {
 public:
  FakeRequest(std::string_view request_method, std::string_view request_path,
              std::map<std::string, std::string, std::less<>> headers = {}, std::string body = {})
      : headers_(std::move(headers)), body_(std::move(body)) {
    method = request_method;
    path = request_path;
  }

  std::string_view Header(std::string_view name) const override {
    const auto found = headers_.find(name);
    return found == headers_.end() ? std::string_view() : found->second;
  }
  tl::expected<std::string, BodyError> ReadBody(std::size_t limit) override {
    if (body_.size() > limit) return tl::make_unexpected(BodyError{413, "too large"});
    return body_;
  }

 private:
  std::map<std::string, std::string, std::less<>> headers_;
  std::string body_;
};

inline std::string HeaderOf(const HttpResponse& response, std::string_view name) {
  for (const HttpHeader& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return "";
}

// What the stream writes, or the body.
inline std::string BodyOf(const HttpResponse& response) {
  if (!response.stream) return response.body;
  std::string body;
  response.stream([&](std::string_view bytes) { return body += bytes, true; });
  return body;
}

}  // namespace fleet::test
