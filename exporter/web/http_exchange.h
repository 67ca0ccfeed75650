// One request and its answer on a connection of CivetWeb.
#pragma once

#include <civetweb.h>

#include <optional>
#include <string>
#include <string_view>

#include "exporter/web/connection_guard.h"
#include "exporter/web/http_server.h"
#include "exporter/web/request_head.h"

namespace fleet {

// Answers a request that CivetWeb could not parse, and closes.
void RefuseUnread(mg_connection* connection, int status, std::string_view text);

class HttpExchange final : public HttpRequest {
 public:
  HttpExchange(mg_connection* connection, ConnectionGuard::Watched* watched,
               const HttpServerOptions& options);

  // Empty unless the head must be refused.
  const std::optional<RefusedHead>& refused() const { return refused_; }

  std::string_view Header(std::string_view name) const override { return FindHeader(*info_, name); }
  tl::expected<std::string, BodyError> ReadBody(std::size_t limit) override;

  // Sends the answer. Closes the connection afterwards where the client wants that, where `close` or
  // where the body has not been read. An exception of the stream passes through; the connection ends.
  void Answer(const HttpResponse& response, bool close);

 private:
  enum class BodyState { kNone, kUnread, kRead, kBroken };

  tl::expected<std::string, BodyError> Receive(std::size_t limit);
  std::string Head(const HttpResponse& response, bool keep_alive) const;
  void AnswerInChunks(const HttpResponse& response, std::string head);
  bool Send(std::string_view bytes);

  mg_connection* connection_;
  const mg_request_info* info_;
  ConnectionGuard::Watched* watched_;
  const HttpServerOptions* options_;
  RequestFraming framing_;
  std::optional<RefusedHead> refused_;
  BodyState body_ = BodyState::kNone;
};

}  // namespace fleet
