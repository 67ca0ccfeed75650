#include "exporter/web/http_exchange.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <iterator>

// civetweb_access.c
extern "C" int fleet_civetweb_socket(const mg_connection* connection);
extern "C" void fleet_civetweb_close_after_answer(mg_connection* connection);

namespace fleet {
namespace {

using Clock = std::chrono::steady_clock;

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

std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

std::string_view View(const char* text) { return text == nullptr ? std::string_view() : text; }

// A socket closed with unread bytes resets the connection, and the answer may be lost with it (RFC
// 9112, section 9.6). So what the client still sends is read, for a moment.
void DiscardUnread(mg_connection* connection) {
  constexpr std::size_t kMostBytes = 1U << 20U;
  const auto until = Clock::now() + std::chrono::milliseconds(500);
  const int socket = fleet_civetweb_socket(connection);
  shutdown(socket, SHUT_WR);
  std::array<char, 16U << 10U> scratch;
  for (std::size_t discarded = 0; discarded < kMostBytes;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd readable{socket, POLLIN, 0};
    if (left <= 0 || poll(&readable, 1, static_cast<int>(left)) <= 0) return;
    const ssize_t read = recv(socket, scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (read == 0 || (read < 0 && errno != EAGAIN && errno != EINTR)) return;
    discarded += static_cast<std::size_t>(std::max<ssize_t>(read, 0));
  }
}

}  // namespace

void RefuseUnread(mg_connection* connection, int status, std::string_view text) {
  const std::string answer = fmt::format(
      "HTTP/1.1 {} {}\r\nDate: {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n{}\n",
      status, Reason(status), HttpDate(), text.size() + 1, text);
  mg_write(connection, answer.data(), answer.size());
  fleet_civetweb_close_after_answer(connection);
  DiscardUnread(connection);
}

HttpExchange::HttpExchange(mg_connection* connection, ConnectionGuard::Watched* watched,
                           const HttpServerOptions& options)
    : connection_(connection),
      info_(mg_get_request_info(connection)),
      watched_(watched),
      options_(&options),
      refused_(CheckHead(*info_, framing_)) {
  method = View(info_->request_method);
  path = View(info_->local_uri_raw);
  query = View(info_->query_string);
  if (refused_ || framing_.has_body()) body_ = BodyState::kUnread;
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
  if (!expect.empty() && !Send("HTTP/1.1 100 Continue\r\n\r\n")) {
    return tl::make_unexpected(BodyError{400, "client is gone"});
  }
  const auto deadline = Clock::now() + options_->body_deadline;
  watched_->LimitReading(deadline);
  auto body = Receive(limit);
  watched_->Unlimit();
  if (body) {
    body_ = BodyState::kRead;
  } else if (body.error().status == 400 && Clock::now() >= deadline) {
    body.error() = BodyError{408, "body took too long"};
  }
  return body;
}

// CivetWeb's mg_read fills what it is given and waits for it, up to the deadline of the guard.
tl::expected<std::string, BodyError> HttpExchange::Receive(std::size_t limit) {
  constexpr std::size_t kFirstPiece = 16U << 10U;
  std::string body;
  std::size_t filled = 0;
  if (!framing_.chunked) body.resize(static_cast<std::size_t>(framing_.content_length));
  for (;;) {
    if (framing_.chunked) body.resize(std::min(std::max(filled * 2, kFirstPiece), limit + 1));
    const int read = mg_read(connection_, body.data() + filled, body.size() - filled);
    filled += static_cast<std::size_t>(std::max(read, 0));
    if (filled > limit) {
      return tl::make_unexpected(BodyError{413, fmt::format("body larger than {} bytes", limit)});
    }
    if (framing_.chunked && read > 0) continue;
    if (read < 0 || (!framing_.chunked && filled < body.size())) {
      return tl::make_unexpected(BodyError{400, "incomplete or malformed body"});
    }
    body.resize(filled);
    return body;
  }
}

std::string HttpExchange::Head(const HttpResponse& response, bool keep_alive) const {
  std::string head;
  head.reserve(512 + response.body.size());
  fmt::format_to(std::back_inserter(head), "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                 Reason(response.status), HttpDate());
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
  if (!keep_alive) fleet_civetweb_close_after_answer(connection_);
  watched_->LimitAnswer(Clock::now() + options_->answer_deadline);
  std::string head = Head(response, keep_alive);
  if (method == "HEAD") {
    Send(head);
  } else if (response.stream) {
    AnswerInChunks(response, std::move(head));
  } else {
    head += response.body;
    Send(head);
  }
  watched_->Unlimit();
  if (!read) DiscardUnread(connection_);
}

// The line end behind a chunk travels with the size of the next one: two writes a chunk.
void HttpExchange::AnswerInChunks(const HttpResponse& response, std::string head) {
  const bool chunked = std::strcmp(info_->http_version, "1.0") != 0;
  std::string_view line_end;
  const ByteSink sink = [&](std::string_view bytes) {
    if (bytes.empty()) return true;
    if (chunked) fmt::format_to(std::back_inserter(head), "{}{:x}\r\n", line_end, bytes.size());
    line_end = "\r\n";
    const bool sent = (head.empty() || Send(head)) && Send(bytes);
    head.clear();
    return sent;
  };
  try {
    response.stream(sink);
  } catch (...) {
    fleet_civetweb_close_after_answer(connection_);  // no last chunk: the client sees it was cut
    throw;
  }
  if (chunked) head.append(line_end).append("0\r\n\r\n");
  if (!head.empty()) Send(head);
}

bool HttpExchange::Send(std::string_view bytes) {
  if (mg_write(connection_, bytes.data(), bytes.size()) == static_cast<int>(bytes.size())) return true;
  fleet_civetweb_close_after_answer(connection_);
  return false;
}

}  // namespace fleet
