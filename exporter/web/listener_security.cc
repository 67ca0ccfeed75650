#include "exporter/web/listener_security.h"

#include <utility>

namespace fleet {

Result<std::unique_ptr<ListenerSecurity>> ListenerSecurity::Load(const ListenerSecurityOptions& options) {
  auto security = WebSecurity::Load(options.web_file, options.log);
  if (!security) return tl::make_unexpected(security.error());
  std::unique_ptr<SenderTokens> tokens;
  if (!options.tokens_file.empty()) {
    auto loaded = SenderTokens::Load(options.tokens_file, options.log);
    if (!loaded) return tl::make_unexpected(loaded.error());
    tokens = *std::move(loaded);
  }
  return std::unique_ptr<ListenerSecurity>(
      new ListenerSecurity(*std::move(security), std::move(tokens), options));
}

void ListenerSecurity::Guard(HttpServerOptions& server) {
  if (!tls_enabled()) return;
  server.new_session = [this] { return security_->NewSession(); };
  server.may_stay = [this](const Connection& connection) { return security_->MayStay(connection); };
}

HttpHandler ListenerSecurity::Guard(HttpHandler routes) {
  return [this, routes = std::move(routes)](HttpRequest& request) { return gate_.Handle(request, routes); };
}

}  // namespace fleet
