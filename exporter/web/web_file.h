// The file of --web.config.file: TLS, users, headers and rate limit, with the keys of the Prometheus
// family (exporter-toolkit), so that one file serves all its programs. Where that format leaves a hole
// open this reader is stricter; docs/security.md lists the differences.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/diagnostics.h"
#include "lib/base/duration.h"
#include "lib/base/source_text.h"

namespace fleet {

enum class ClientAuth { kNone, kRequest, kRequireAny, kVerifyIfGiven, kRequireAndVerify };

struct WebTls {
  bool enabled = false;  // one of its keys is there
  // Each as PEM text or as the path of a file, relative to the web file.
  std::string cert, cert_file;
  std::string key, key_file;
  std::string client_ca, client_ca_file;
  ClientAuth client_auth = ClientAuth::kNone;
  std::vector<std::string> client_allowed_sans;  // empty: any
  int min_version = 12;                          // of TLS: 12 or 13
  int max_version = 13;
  std::string ciphers;  // of TLS 1.2 as OpenSSL writes them; empty: its choice
  std::string curves;   // the same
  bool prefer_server_ciphers = true;
};

struct WebUser {
  std::string name;
  std::string hash;  // bcrypt
};

struct WebFile {
  WebTls tls;
  std::vector<std::pair<std::string, std::string>> headers;
  int rate_burst = 1;
  Duration rate_interval{};  // 0: no limit
  std::vector<WebUser> users;
};

// An empty text is a valid file. Messages never quote a value that may be a secret; use RenderBriefly.
WebFile ReadWebFile(const SourceText& source, Diagnostics& diagnostics);

// What is wrong with a file that holds secrets: places and texts, without the lines of the file.
std::string RenderBriefly(const Diagnostics& diagnostics);

// "$2y$10$...": 10; 0 when it is no bcrypt hash that can be checked.
int BcryptCost(std::string_view hash);

}  // namespace fleet
