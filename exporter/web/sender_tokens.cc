#include "exporter/web/sender_tokens.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

#include "lib/base/file_system.h"
#include "lib/base/text.h"
#include "lib/yaml/reader.h"

namespace fleet {
namespace {

using yaml::MapReader;
using yaml::Node;

std::optional<TokenHash> ParseHash(std::string_view text) {
  TokenHash hash{};
  if (text.size() != hash.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const char* const digits = text.data() + i * 2;
    if (std::from_chars(digits, digits + 2, hash[i], 16).ptr != digits + 2) return std::nullopt;
  }
  return hash;
}

std::vector<std::string> ReadList(MapReader& map, std::string_view key) {
  std::vector<std::string> texts;
  const Node* node = map.Find(key);
  if (node == nullptr) return texts;
  for (auto& text : yaml::ReadStrings(*node, key, map.diagnostics())) texts.push_back(std::move(text.value));
  // Nothing would be bound, when everything should be.
  if (texts.empty()) {
    map.diagnostics().AddError(node->span, "value-missing", fmt::format("'{}' is empty", key));
  }
  return texts;
}

std::shared_ptr<const Sender> ReadSender(const Node& node, Diagnostics& diagnostics) {
  auto sender = std::make_shared<Sender>();
  MapReader map(node, "a token", diagnostics);
  sender->name = *map.Required("name", yaml::ReadString);
  // The value may be the token itself, where somebody forgot to hash it: it is not quoted.
  if (const Node* hash = map.Require("sha256")) {
    const auto parsed = ParseHash(hash->text);
    if (!parsed) {
      diagnostics.AddError(hash->span, "token-hash",
                           "'sha256' must be 64 hexadecimal digits: printf %s \"$TOKEN\" | sha256sum");
    }
    sender->hash = parsed.value_or(TokenHash{});
  }
  sender->scope.worker_types = ReadList(map, "worker_types");
  sender->scope.id_prefixes = ReadList(map, "id_prefixes");
  sender->scope.sources = ReadList(map, "sources");
  map.Finish();
  return sender;
}

void CheckUnique(const Senders& senders, Span span, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < senders.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (senders[i]->name == senders[j]->name) {
        diagnostics.AddError(span, "name-duplicate",
                             fmt::format("two tokens are named '{}'", Printable(senders[i]->name)));
      } else if (senders[i]->hash == senders[j]->hash) {
        diagnostics.AddError(span, "token-duplicate",
                             fmt::format("'{}' and '{}' have the same token", Printable(senders[j]->name),
                                         Printable(senders[i]->name)));
      }
    }
  }
}

bool IsBearer(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  return authorization.size() > kScheme.size() &&
         std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

TokenHash Hash(std::string_view token) {
  TokenHash hash{};
  unsigned int size = 0;
  EVP_Digest(token.data(), token.size(), hash.data(), &size, EVP_sha256(), nullptr);
  return hash;
}

}  // namespace

Senders ReadSenders(const SourceText& source, Diagnostics& diagnostics) {
  Senders senders;
  const std::optional<Node> root = yaml::Parse(source, diagnostics);
  if (!root) return senders;
  MapReader map(*root, "the tokens file", diagnostics);
  if (const Node* tokens = map.Require("tokens")) {
    for (const Node& item : yaml::ReadItems(*tokens, "tokens", diagnostics)) {
      senders.push_back(ReadSender(item, diagnostics));
    }
    if (!diagnostics.has_errors()) CheckUnique(senders, tokens->span, diagnostics);
  }
  map.Finish();
  return senders;
}

std::shared_ptr<const Sender> FindSender(const Senders& senders, std::string_view authorization) {
  if (!IsBearer(authorization)) return nullptr;
  constexpr std::size_t kScheme = 7;
  const std::string_view token = Trim(authorization.substr(kScheme));
  const TokenHash hash = Hash(token);
  std::shared_ptr<const Sender> found;
  for (const auto& sender : senders) {
    if (CRYPTO_memcmp(hash.data(), sender->hash.data(), hash.size()) == 0) found = sender;
  }
  return token.size() < SenderTokens::kShortestToken ? nullptr : found;
}

Result<std::unique_ptr<SenderTokens>> SenderTokens::Load(const std::string& path, WebSecurity::Log log) {
  std::unique_ptr<SenderTokens> tokens(new SenderTokens(path, std::move(log)));
  auto senders = tokens->Read();
  if (!senders) return tl::make_unexpected(senders.error());
  tokens->senders_ = *std::move(senders);
  return tokens;
}

Result<std::shared_ptr<const Senders>> SenderTokens::Read() {
  constexpr std::size_t kLargestFile = 1U << 20U;
  watched_ = WatchedFiles({path_});
  auto text = ReadFile(path_, kLargestFile);
  if (!text) return tl::make_unexpected(text.error());
  const SourceText source(path_, *std::move(text));
  Diagnostics diagnostics(source);
  auto senders = std::make_shared<const Senders>(ReadSenders(source, diagnostics));
  if (diagnostics.has_errors()) return Fail(RenderBriefly(diagnostics));
  return senders;
}

std::shared_ptr<const Senders> SenderTokens::Current() {
  const std::lock_guard lock(mutex_);
  if (!watched_.Changed()) return senders_;
  auto senders = Read();
  if (senders) {
    senders_ = *std::move(senders);
    log_(path_, "");
  } else {
    senders_ = nullptr;
    log_(path_, senders.error().message);
  }
  return senders_;
}

}  // namespace fleet
