// One request and its answer on a connection of CivetWeb.
#pragma once

#include <civetweb.h>

#include <optional>
#include <string>
#include <string_view>

#include "exporter/web/http_server.h"
#include "exporter/web/request_head.h"
#include "exporter/web/served_connection.h"

namespace fleet {

// Answers a request that CivetWeb could not parse, and closes.
void RefuseUnread(ServedConnection& served, int status, std::string_view text);

class HttpExchange final : public HttpRequest {
 public:
  HttpExchange(mg_connection* connection, ServedConnection& served, const HttpServerOptions& options);

  // Empty unless the head must be refused.
  const std::optional<RefusedHead>& refused() const { return refused_; }

  std::string_view Header(std::string_view name) const override { return FindHeader(*info_, name); }
  tl::expected<std::string, BodyError> ReadBody(std::size_t limit) override;

  // Sends the answer. Closes the connection afterwards where the client wants that, where `close` or
  // where the body has not been read. An exception of the stream passes through; the connection ends.
  void Answer(const HttpResponse& response, bool close);

 private:
  enum class BodyState { kNone, kUnread, kRead, kBroken };

  tl::expected<std::string, BodyError> ReceiveSized(SteadyTime begin);
  tl::expected<std::string, BodyError> ReceiveChunks(std::size_t limit, SteadyTime begin);
  std::optional<BodyError> Receive(SteadyTime begin, std::size_t most);
  std::string Head(const HttpResponse& response, bool keep_alive) const;
  bool AnswerInChunks(const HttpResponse& response, std::string head);
  bool Send(std::string_view bytes);

  mg_connection* connection_;
  const mg_request_info* info_;
  ServedConnection* served_;
  const HttpServerOptions* options_;
  RequestFraming framing_;
  std::optional<RefusedHead> refused_;
  BodyState body_ = BodyState::kNone;
  SteadyTime answer_begin_{};
};

}  // namespace fleet
