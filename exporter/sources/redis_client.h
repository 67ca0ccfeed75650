// Redis' protocol over a stream: pipelines that end at a deadline, over one connection that is never
// given up for being slow. The one adapter of hiredis, of which only the protocol is used: the version
// in Debian 12 has no TLS.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/sources/deadline.h"
#include "exporter/sources/tls.h"
#include "lib/base/result.h"

namespace fleet {

using RedisCommand = std::vector<std::string>;

struct RedisReply {
  enum class Kind { kNil, kText, kInteger, kArray, kError };
  Kind kind = Kind::kNil;
  std::string text;  // kText, kError
  long long integer = 0;
  std::vector<RedisReply> items;

  bool is_error() const { return kind == Kind::kError; }
  // The integer, or the text as a number; nullopt for anything else.
  std::optional<double> Number() const;
};

struct RedisClientOptions {
  std::string address;
  std::string username;
  std::string password_file;
  std::string database;  // empty: 0
  std::optional<TlsOptions> tls;
  std::size_t max_bytes = 8U << 20U;  // of the replies of one pipeline
};

class RedisClient {
 public:
  explicit RedisClient(RedisClientOptions options);
  ~RedisClient();
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  // All commands in one round trip, a reply for each; errors of single commands are replies. Connects
  // and authenticates first where there is no connection.
  Result<std::vector<RedisReply>> Pipeline(const std::vector<RedisCommand>& commands,
                                           const Deadline& deadline);

 private:
  class Connection;

  Result<void> Connect(const Deadline& deadline);

  RedisClientOptions options_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace fleet
