// The file of ingest.tokens_file: who may send, known by the hash of a token.
//
//   tokens:
//   - name: builders
//     sha256: 5f2b...             # printf %s "$TOKEN" | sha256sum
//     worker_types: [builder]     # the rest is optional, and binds
//     id_prefixes: [build-]
//     sources: [ci/builders]
//
// SHA-256 is enough where the token is random: there is nothing to guess.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/ingest/sender_scope.h"
#include "exporter/web/watched_files.h"
#include "exporter/web/web_security.h"
#include "lib/base/diagnostics.h"
#include "lib/base/result.h"

namespace fleet {

using TokenHash = std::array<unsigned char, 32>;

struct Sender {
  std::string name;
  TokenHash hash{};
  SenderScope scope;
};

using Senders = std::vector<std::shared_ptr<const Sender>>;

Senders ReadSenders(const SourceText& source, Diagnostics& diagnostics);

// The sender with the token of "Authorization: Bearer TOKEN"; null for none. The time it takes tells
// nothing about the tokens there are.
std::shared_ptr<const Sender> FindSender(const Senders& senders, std::string_view authorization);

// The file while the exporter runs: read again when it changes, closed while it is wrong. Thread-safe.
class SenderTokens {
 public:
  static constexpr std::size_t kShortestToken = 16;

  static Result<std::unique_ptr<SenderTokens>> Load(const std::string& path, WebSecurity::Log log);

  // Null while something is wrong.
  std::shared_ptr<const Senders> Current();

 private:
  SenderTokens(std::string path, WebSecurity::Log log) : path_(std::move(path)), log_(std::move(log)) {}

  Result<std::shared_ptr<const Senders>> Read();

  std::string path_;
  WebSecurity::Log log_;
  std::mutex mutex_;
  WatchedFiles watched_;
  std::shared_ptr<const Senders> senders_;
};

}  // namespace fleet
