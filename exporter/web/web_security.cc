#include "exporter/web/web_security.h"

#include <fmt/format.h>

#include "lib/base/file_system.h"

namespace fleet {

Result<std::unique_ptr<WebSecurity>> WebSecurity::Load(const std::string& path, Log log) {
  std::unique_ptr<WebSecurity> security(new WebSecurity(path, std::move(log)));
  if (path.empty()) {
    security->settings_ = std::make_shared<const WebSettings>();
    return security;
  }
  auto settings = security->Read();
  if (!settings) return tl::make_unexpected(settings.error());
  security->settings_ = *std::move(settings);
  security->tls_enabled_ = security->settings_->tls != nullptr;
  return security;
}

Result<std::shared_ptr<const WebSettings>> WebSecurity::Read() {
  constexpr std::size_t kLargestFile = 1U << 20U;
  const WatchedFiles before({path_});
  watched_ = before;
  auto text = ReadFile(path_, kLargestFile);
  if (!text) return tl::make_unexpected(text.error());
  const SourceText source(path_, *std::move(text));
  Diagnostics diagnostics(source);
  auto settings = std::make_shared<WebSettings>();
  settings->file = ReadWebFile(source, diagnostics);
  if (diagnostics.has_errors()) return Fail(RenderBriefly(diagnostics));
  const WebTls& tls = settings->file.tls;
  if (!tls.enabled) return settings;
  std::vector<std::string> files = {path_};
  for (const std::string* file : {&tls.cert_file, &tls.key_file, &tls.client_ca_file}) {
    if (!file->empty()) files.push_back(*file);
  }
  watched_ = WatchedFiles(std::move(files));
  if (before.Changed()) watched_ = before;  // read once more at the next look
  auto made = TlsContext::Make(tls);
  if (!made) return tl::make_unexpected(made.error().Within(path_));
  settings->tls = *std::move(made);
  return settings;
}

std::shared_ptr<const WebSettings> WebSecurity::Current() {
  if (path_.empty()) return settings_;
  const std::lock_guard lock(mutex_);
  if (!watched_.Changed()) return settings_;
  auto settings = Read();
  if (settings && ((*settings)->tls != nullptr) != tls_enabled_) {
    settings = Fail(fmt::format("{}: TLS can only be switched on or off by a restart", path_));
  }
  if (settings) {
    settings_ = *std::move(settings);
    log_(path_, "");
  } else {
    settings_ = nullptr;
    log_(path_, settings.error().message);
  }
  return settings_;
}

SslSession WebSecurity::NewSession() {
  const auto settings = Current();
  return settings == nullptr || settings->tls == nullptr ? nullptr : settings->tls->NewSession();
}

bool WebSecurity::MayStay(const Connection& connection) {
  if (connection.session() == nullptr) return true;
  const auto settings = Current();
  return settings != nullptr && settings->tls != nullptr && settings->tls->Made(connection.session());
}

}  // namespace fleet
