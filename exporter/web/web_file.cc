#include "exporter/web/web_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "lib/base/text.h"
#include "lib/yaml/reader.h"

namespace fleet {
namespace {

using yaml::EnumName;
using yaml::MapReader;
using yaml::Node;

constexpr EnumName<ClientAuth> kClientAuths[] = {
    {"NoClientCert", ClientAuth::kNone},
    {"RequestClientCert", ClientAuth::kRequest},
    {"RequireAnyClientCert", ClientAuth::kRequireAny},
    {"RequireClientCert", ClientAuth::kRequireAny},  // its name until 2021
    {"VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven},
    {"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerify},
};
// TLS10 and TLS11 are known to the format, and refused: RFC 8996.
constexpr EnumName<int> kVersions[] = {{"TLS12", 12}, {"TLS13", 13}};

struct OpenSslName {
  std::string_view name;
  std::string_view openssl;  // empty: of TLS 1.3, where there is nothing to choose
};
constexpr OpenSslName kCiphers[] = {
    {"TLS_AES_128_GCM_SHA256", ""},
    {"TLS_AES_256_GCM_SHA384", ""},
    {"TLS_CHACHA20_POLY1305_SHA256", ""},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
};
constexpr OpenSslName kCurves[] = {
    {"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}};

struct HeaderRule {
  std::string_view name;
  std::vector<std::string_view> values;  // empty: any
};
const std::vector<HeaderRule>& HeaderRules() {
  static const std::vector<HeaderRule> rules = {{"Strict-Transport-Security", {}},
                                                {"X-Content-Type-Options", {"nosniff"}},
                                                {"X-Frame-Options", {"deny", "sameorigin"}},
                                                {"X-XSS-Protection", {}},
                                                {"Content-Security-Policy", {}}};
  return rules;
}

std::string_view FileOf(std::string_view key) {
  constexpr std::string_view kSuffix = "_file";
  return key.ends_with(kSuffix) ? key : std::string_view();
}

std::string Quoted(std::string_view text) { return fmt::format("'{}'", Printable(text.substr(0, 100))); }

// Names to a list of OpenSSL's, joined by ':'.
std::string ReadNames(const Node* node, std::string_view key, std::span<const OpenSslName> table,
                      std::string_view what, Diagnostics& diagnostics) {
  if (node == nullptr) return {};
  std::vector<std::string> names;
  for (const Located<std::string>& name : yaml::ReadStrings(*node, key, diagnostics)) {
    const auto row = std::ranges::find(table, *name, &OpenSslName::name);
    if (row == table.end()) {
      diagnostics.AddError(name.span, "name-unknown", fmt::format("unknown {} {}", what, Quoted(*name)));
    } else if (!row->openssl.empty()) {
      names.emplace_back(row->openssl);
    }
  }
  return Join(names, ":");
}

class TlsReader {
 public:
  TlsReader(const Node& node, const std::filesystem::path& folder, Diagnostics& diagnostics)
      : map_(node, "tls_server_config", diagnostics), folder_(folder), diagnostics_(diagnostics) {}

  WebTls Read() {
    for (const auto& [key, text] :
         {std::pair("cert", &tls_.cert), std::pair("cert_file", &tls_.cert_file), std::pair("key", &tls_.key),
          std::pair("key_file", &tls_.key_file), std::pair("client_ca", &tls_.client_ca),
          std::pair("client_ca_file", &tls_.client_ca_file)}) {
      ReadPem(key, *text);
    }
    ReadClientAuth();
    if (const Node* node = map_.Find("min_version")) ReadVersion(*node, "min_version", tls_.min_version);
    if (const Node* node = map_.Find("max_version")) ReadVersion(*node, "max_version", tls_.max_version);
    tls_.ciphers =
        ReadNames(map_.Find("cipher_suites"), "cipher_suites", kCiphers, "cipher suite", diagnostics_);
    tls_.curves =
        ReadNames(map_.Find("curve_preferences"), "curve_preferences", kCurves, "curve", diagnostics_);
    if (const auto prefer = map_.Optional("prefer_server_cipher_suites", yaml::ReadBool)) {
      tls_.prefer_server_ciphers = prefer->value;
    }
    map_.Finish();
    Check();
    return tls_;
  }

 private:
  void ReadPem(std::string_view key, std::string& text) {
    const Node* node = map_.Find(key);
    if (node == nullptr) return;
    const auto value = yaml::ReadString(*node, key, diagnostics_);
    if (!value) return;
    text = FileOf(key).empty() ? *value : (folder_ / *value).string();
    tls_.enabled = true;
  }

  void ReadClientAuth() {
    if (const Node* node = map_.Find("client_auth_type")) {
      const auto auth = yaml::ReadEnum(*node, "client_auth_type", kClientAuths, diagnostics_);
      tls_.client_auth = auth.value_or(ClientAuth::kRequireAny);  // with which no check below complains
      tls_.enabled = true;
    }
    const Node* sans = map_.Find("client_allowed_sans");
    if (sans == nullptr) return;
    for (auto& san : yaml::ReadStrings(*sans, "client_allowed_sans", diagnostics_)) {
      tls_.client_allowed_sans.push_back(std::move(san.value));
    }
    const bool needs_one =
        tls_.client_auth == ClientAuth::kRequireAny || tls_.client_auth == ClientAuth::kRequireAndVerify;
    if (needs_one && !tls_.client_allowed_sans.empty()) return;
    diagnostics_.AddError(sans->span, "value-conflict",
                          needs_one ? "client_allowed_sans is empty: nobody could connect"
                                    : "client_allowed_sans needs client_auth_type RequireAnyClientCert or "
                                      "RequireAndVerifyClientCert");
  }

  void ReadVersion(const Node& node, std::string_view key, int& version) {
    if (node.text == "TLS10" || node.text == "TLS11") {
      diagnostics_.AddError(node.span, "tls-old",
                            fmt::format("{} is {}, which is not safe: TLS12 or TLS13", key, node.text));
      return;
    }
    version = yaml::ReadEnum(node, key, kVersions, diagnostics_).value_or(version);
  }

  void Conflict(std::string text) { diagnostics_.AddError(map_.span(), "value-conflict", std::move(text)); }

  void Check() {
    if (tls_.min_version > tls_.max_version) Conflict("min_version is above max_version");
    if (!tls_.enabled) return;
    CheckPair("cert", tls_.cert, tls_.cert_file, true);
    CheckPair("key", tls_.key, tls_.key_file, true);
    CheckPair("client_ca", tls_.client_ca, tls_.client_ca_file, false);
    const bool has_ca = !tls_.client_ca.empty() || !tls_.client_ca_file.empty();
    const bool verifies =
        tls_.client_auth == ClientAuth::kVerifyIfGiven || tls_.client_auth == ClientAuth::kRequireAndVerify;
    if (has_ca && tls_.client_auth == ClientAuth::kNone) {
      Conflict("client_ca is given, but client_auth_type does not ask for a certificate");
    }
    if (!has_ca && verifies) {
      Conflict("client_auth_type verifies certificates, but there is no client_ca_file to verify them with");
    }
  }

  void CheckPair(std::string_view name, const std::string& text, const std::string& file, bool required) {
    if (!text.empty() && !file.empty()) Conflict(fmt::format("both {} and {}_file are given", name, name));
    if (required && text.empty() && file.empty()) {
      Conflict(fmt::format("one of {} and {}_file is missing", name, name));
    }
  }

  MapReader map_;
  const std::filesystem::path& folder_;
  Diagnostics& diagnostics_;
  WebTls tls_;
};

void ReadHeaders(const Node& node, WebFile& file, Diagnostics& diagnostics) {
  for (auto& [name, value] : yaml::ReadStringMap(node, "headers", diagnostics)) {
    const auto& rules = HeaderRules();
    const auto rule = std::ranges::find(rules, *name, &HeaderRule::name);
    if (rule == rules.end()) {
      diagnostics.AddError(name.span, "header-unknown",
                           fmt::format("HTTP header {} can not be configured", Quoted(*name)));
    } else if (!rule->values.empty() && std::ranges::find(rule->values, *value) == rule->values.end()) {
      diagnostics.AddError(value.span, "header-value",
                           fmt::format("invalid value for {}: expected one of {}, not {}", *name,
                                       fmt::join(rule->values, ", "), Quoted(*value)));
    } else {
      file.headers.emplace_back(*name, *value);
    }
  }
}

void ReadHttp(const Node& node, WebFile& file, Diagnostics& diagnostics) {
  MapReader map(node, "http_server_config", diagnostics);
  map.Optional("http2", yaml::ReadBool);  // taken for compatibility; HTTP/1.1 is what is spoken
  if (const Node* headers = map.Find("headers")) ReadHeaders(*headers, file, diagnostics);
  map.Finish();
}

void ReadRateLimit(const Node& node, WebFile& file, Diagnostics& diagnostics) {
  MapReader map(node, "rate_limit", diagnostics);
  if (const auto burst = map.Optional("burst", yaml::ReadInteger)) {
    constexpr std::int64_t kMost = 1'000'000;
    if (burst->value < 1 || burst->value > kMost) {
      diagnostics.AddError(burst->span, "value-range", "'burst' must be from 1 to 1000000");
    } else {
      file.rate_burst = static_cast<int>(burst->value);
    }
  }
  if (const auto interval = map.Optional("interval", yaml::ReadDuration))
    file.rate_interval = interval->value;
  map.Finish();
}

// The value may be the password itself, where somebody forgot to hash it.
void ReadUsers(const Node& node, WebFile& file, Diagnostics& diagnostics) {
  if (node.kind == yaml::Kind::kNull) return;
  if (node.kind != yaml::Kind::kMap) {
    diagnostics.AddError(node.span, "value-type", "'basic_auth_users' must be a map of names and hashes");
    return;
  }
  for (const yaml::Entry& entry : node.entries) {
    const bool is_name = !entry.key->empty() && entry.key->find(':') == std::string::npos;
    if (!is_name) diagnostics.AddError(entry.key.span, "user-name", "a user's name is empty or holds ':'");
    if (entry.value.kind != yaml::Kind::kScalar || BcryptCost(entry.value.text) == 0) {
      diagnostics.AddError(
          entry.key.span, "password-hash",
          fmt::format("the password of user {} is no bcrypt hash ($2y$10$...)", Quoted(*entry.key)));
    } else if (is_name) {
      file.users.push_back({*entry.key, entry.value.text});
    }
  }
}

bool IsBlank(std::string_view text) {
  return std::ranges::all_of(Split(text, '\n'), [](std::string_view line) {
    return Trim(line).empty() || Trim(line).front() == '#';
  });
}

}  // namespace

int BcryptCost(std::string_view hash) {
  constexpr std::size_t kLength = 60;
  if (hash.size() != kLength || !hash.starts_with("$2") || hash[3] != '$' || hash[6] != '$') return 0;
  if (std::string_view("aby").find(hash[2]) == std::string_view::npos) return 0;
  const bool digits = hash[4] >= '0' && hash[4] <= '9' && hash[5] >= '0' && hash[5] <= '9';
  const bool base64 =
      std::ranges::all_of(hash.substr(7), [](char c) { return IsLetter(c) || (c >= '.' && c <= '9'); });
  const int cost = (hash[4] - '0') * 10 + (hash[5] - '0');
  return digits && base64 && cost >= 4 && cost <= 31 ? cost : 0;
}

WebFile ReadWebFile(const SourceText& source, Diagnostics& diagnostics) {
  WebFile file;
  if (IsBlank(source.text())) return file;
  const std::optional<Node> root = yaml::Parse(source, diagnostics);
  if (!root) return file;
  const std::filesystem::path folder = std::filesystem::path(source.path()).parent_path();
  MapReader map(*root, "the web configuration", diagnostics);
  if (const Node* node = map.Find("tls_server_config"))
    file.tls = TlsReader(*node, folder, diagnostics).Read();
  if (const Node* node = map.Find("http_server_config")) ReadHttp(*node, file, diagnostics);
  if (const Node* node = map.Find("rate_limit")) ReadRateLimit(*node, file, diagnostics);
  if (const Node* node = map.Find("basic_auth_users")) ReadUsers(*node, file, diagnostics);
  map.Finish();
  return file;
}

std::string RenderBriefly(const Diagnostics& diagnostics) {
  std::vector<const Diagnostic*> sorted;
  for (const Diagnostic& one : diagnostics.all()) sorted.push_back(&one);
  std::ranges::stable_sort(sorted, {}, [](const Diagnostic* one) { return one->span.begin; });
  std::vector<std::string> lines;
  for (const Diagnostic* one : sorted) {
    const LineColumn place = diagnostics.source().Locate(one->span.begin);
    lines.push_back(fmt::format("{}:{}:{}: error: {} [{}]", diagnostics.source().path(), place.line,
                                place.column, one->text, one->check));
  }
  return Join(lines, "\n");
}

}  // namespace fleet
