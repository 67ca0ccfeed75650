#include "exporter/web/http_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <iterator>
#include <utility>

#include "exporter/web/chunked_body.h"
#include "exporter/web/civetweb_access.h"
#include "exporter/web/http_status.h"

namespace fleet {
namespace {

// Read at once.
constexpr std::size_t kPiece = 16U << 10U;

// RFC 9110, section 5.6.7; made once a second in each thread.
std::string_view HttpDate() {
  thread_local std::time_t made_at = 0;
  thread_local std::array<char, 32> text;
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    made_at = now;
  }
  return {text.data(), size};
}

std::string_view View(const char* text) { return text == nullptr ? std::string_view() : text; }

}  // namespace

void RefuseUnread(ServedConnection& served, int status, std::string_view text) {
  const std::string answer = fmt::format(
      "HTTP/1.1 {} {}\r\nDate: {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n{}\n",
      status, HttpReason(status), HttpDate(), text.size() + 1, text);
  constexpr std::chrono::seconds kPatience{2};
  served.afterwards = served.Write(answer, std::chrono::steady_clock::now(), kPatience) ? Afterwards::kDiscard
                                                                                        : Afterwards::kClose;
}

HttpExchange::HttpExchange(mg_connection* connection, ServedConnection& served,
                           const HttpServerOptions& options)
    : connection_(connection),
      info_(mg_get_request_info(connection)),
      served_(&served),
      options_(&options),
      refused_(CheckHead(*info_, framing_)) {
  method = View(info_->request_method);
  path = View(info_->local_uri_raw);
  query = View(info_->query_string);
  if (refused_ || framing_.has_body()) body_ = BodyState::kUnread;
  const char* bytes = nullptr;
  const int size = fleet_civetweb_behind_head(connection, &bytes);
  served.connection->unread.assign(bytes, static_cast<std::size_t>(std::max(size, 0)));
  served.afterwards = Afterwards::kDiscard;  // unless the answer says otherwise
}

tl::expected<std::string, BodyError> HttpExchange::ReadBody(std::size_t limit) {
  if (body_ == BodyState::kNone) return std::string();
  body_ = BodyState::kBroken;
  if (framing_.content_length > static_cast<std::int64_t>(limit)) {
    return tl::make_unexpected(BodyError{413, fmt::format("body larger than {} bytes", limit)});
  }
  const std::string_view expect = Header("Expect");
  if (!expect.empty() && expect != "100-continue") {
    return tl::make_unexpected(BodyError{417, "unknown expectation"});
  }
  const SteadyTime begin = std::chrono::steady_clock::now();
  if (!expect.empty() && !served_->Write("HTTP/1.1 100 Continue\r\n\r\n", begin, options_->body_deadline)) {
    return tl::make_unexpected(BodyError{400, "client is gone"});
  }
  auto body = framing_.chunked ? ReceiveChunks(limit, begin) : ReceiveSized(begin);
  if (body) body_ = BodyState::kRead;
  return body;
}

tl::expected<std::string, BodyError> HttpExchange::ReceiveSized(SteadyTime begin) {
  const auto wanted = static_cast<std::size_t>(framing_.content_length);
  std::string& unread = served_->connection->unread;
  while (unread.size() < wanted) {
    if (const auto error = Receive(begin, wanted - unread.size())) return tl::make_unexpected(*error);
  }
  std::string rest = unread.substr(wanted);
  unread.resize(wanted);
  return std::exchange(unread, std::move(rest));
}

tl::expected<std::string, BodyError> HttpExchange::ReceiveChunks(std::size_t limit, SteadyTime begin) {
  ChunkedBody body(limit);
  std::string& unread = served_->connection->unread;
  for (;;) {
    unread.erase(0, body.Take(unread));
    switch (body.state()) {
      case ChunkedBody::State::kComplete:
        return std::move(body.text());
      case ChunkedBody::State::kTooLarge:
        return tl::make_unexpected(BodyError{413, fmt::format("body larger than {} bytes", limit)});
      case ChunkedBody::State::kMalformed:
        return tl::make_unexpected(BodyError{400, "incomplete or malformed body"});
      case ChunkedBody::State::kIncomplete:
        break;
    }
    if (const auto error = Receive(begin, kPiece)) return tl::make_unexpected(*error);
  }
}

// Grows with what has come, not with what was promised.
std::optional<BodyError> HttpExchange::Receive(SteadyTime begin, std::size_t most) {
  std::string& unread = served_->connection->unread;
  const std::size_t before = unread.size();
  unread.resize(before + std::min(most, std::max(kPiece, before)));
  std::size_t got = 0;
  const IoEnd end =
      served_->Read(unread.data() + before, unread.size() - before, begin, options_->body_deadline, got);
  unread.resize(before + got);
  if (end == IoEnd::kTimeUp) return BodyError{408, "body took too long"};
  if (end == IoEnd::kClosed) return BodyError{400, "incomplete or malformed body"};
  return std::nullopt;
}

std::string HttpExchange::Head(const HttpResponse& response, bool keep_alive) const {
  std::string head;
  head.reserve(512 + response.body.size());
  fmt::format_to(std::back_inserter(head), "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                 HttpReason(response.status), HttpDate());
  if (!response.content_type.empty()) {
    fmt::format_to(std::back_inserter(head), "Content-Type: {}\r\n", response.content_type);
  }
  for (const HttpHeader& header : response.headers) {
    fmt::format_to(std::back_inserter(head), "{}: {}\r\n", header.name, header.value);
  }
  if (!response.stream) {
    fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", response.body.size());
  } else if (std::strcmp(info_->http_version, "1.0") != 0) {
    head += "Transfer-Encoding: chunked\r\n";
  }
  head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

void HttpExchange::Answer(const HttpResponse& response, bool close) {
  const bool read = body_ == BodyState::kNone || body_ == BodyState::kRead;
  const bool unframed = response.stream && std::strcmp(info_->http_version, "1.0") == 0;
  const bool keep_alive = read && !close && !unframed && WantsKeepAlive(*info_);
  answer_begin_ = std::chrono::steady_clock::now();
  std::string head = Head(response, keep_alive);
  bool sent = true;
  if (method == "HEAD") {
    sent = Send(head);
  } else if (response.stream) {
    sent = AnswerInChunks(response, std::move(head));
  } else {
    head += response.body;
    sent = Send(head);
  }
  if (!sent) {
    served_->afterwards = Afterwards::kClose;
  } else if (keep_alive) {
    served_->afterwards = Afterwards::kNextRequest;
  }
}

// The line end behind a chunk travels with the size of the next one: two writes a chunk.
bool HttpExchange::AnswerInChunks(const HttpResponse& response, std::string head) {
  const bool chunked = std::strcmp(info_->http_version, "1.0") != 0;
  std::string_view line_end;
  bool whole = true;
  const ByteSink sink = [&](std::string_view bytes) {
    if (bytes.empty()) return true;
    if (chunked) fmt::format_to(std::back_inserter(head), "{}{:x}\r\n", line_end, bytes.size());
    line_end = "\r\n";
    whole = whole && (head.empty() || Send(head)) && Send(bytes);
    head.clear();
    return whole;
  };
  served_->afterwards = Afterwards::kClose;  // after an exception: no last chunk, the client sees the cut
  response.stream(sink);
  served_->afterwards = Afterwards::kDiscard;
  if (!whole) return false;
  if (chunked) head.append(line_end).append("0\r\n\r\n");
  return head.empty() || Send(head);
}

bool HttpExchange::Send(std::string_view bytes) {
  return served_->Write(bytes, answer_begin_, options_->answer_deadline);
}

}  // namespace fleet
