// The web file of a listener while it runs: read again when it, a certificate or a key changes on disk.
// It fails closed: while something is wrong there is no TLS session and no answer but 500.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "exporter/web/connection.h"
#include "exporter/web/tls_context.h"
#include "exporter/web/watched_files.h"
#include "exporter/web/web_file.h"
#include "lib/base/result.h"

namespace fleet {

struct WebSettings {
  WebFile file;
  std::shared_ptr<const TlsContext> tls;  // null: plain
};

// Thread-safe.
class WebSecurity {
 public:
  // A file that changed has been read again; or nobody is let in, because of the error.
  using Log = std::function<void(std::string_view file, std::string_view error)>;

  // Reads the file; `path` empty: plain HTTP for everyone, for ever. `log` hears of each later change once.
  static Result<std::unique_ptr<WebSecurity>> Load(const std::string& path, Log log);

  // Null while something is wrong.
  std::shared_ptr<const WebSettings> Current();

  bool tls_enabled() const { return tls_enabled_; }
  // Null when TLS cannot be had at the moment.
  SslSession NewSession();
  // Whether the connection was made with what is valid now.
  bool MayStay(const Connection& connection);

 private:
  WebSecurity(std::string path, Log log) : path_(std::move(path)), log_(std::move(log)) {}

  Result<std::shared_ptr<const WebSettings>> Read();

  std::string path_;
  Log log_;
  bool tls_enabled_ = false;
  std::mutex mutex_;
  WatchedFiles watched_;
  std::shared_ptr<const WebSettings> settings_;
};

}  // namespace fleet
