// All that guards one listener: its web file, its tokens, its gate.
#pragma once

#include <memory>
#include <string>

#include "exporter/web/http_server.h"
#include "exporter/web/sender_tokens.h"
#include "exporter/web/web_gate.h"
#include "exporter/web/web_security.h"

namespace fleet {

struct ListenerSecurityOptions {
  std::string web_file;     // empty: plain HTTP for everyone
  std::string tokens_file;  // empty: no tokens
  bool open_health = false;
  WebSecurity::Log log = [](std::string_view, std::string_view) {};
  std::function<void(int status)> refused = [](int) {};
};

class ListenerSecurity {
 public:
  // Fails when a file is wrong, or TLS is asked for and cannot be had.
  static Result<std::unique_ptr<ListenerSecurity>> Load(const ListenerSecurityOptions& options);

  bool tls_enabled() const { return security_->tls_enabled(); }

  // This must outlive what it guards.
  void Guard(HttpServerOptions& server);
  HttpHandler Guard(HttpHandler routes);

 private:
  ListenerSecurity(std::unique_ptr<WebSecurity> security, std::unique_ptr<SenderTokens> tokens,
                   const ListenerSecurityOptions& options)
      : security_(std::move(security)),
        tokens_(std::move(tokens)),
        gate_(*security_, {options.open_health, tokens_.get(), options.refused}) {}

  std::unique_ptr<WebSecurity> security_;
  std::unique_ptr<SenderTokens> tokens_;
  WebGate gate_;
};

}  // namespace fleet
