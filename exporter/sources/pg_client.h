// The one adapter of libpq: queries that end at a deadline, over at most two connections.
//
// A connection whose query did not end in time is neither closed nor replaced at once: the server goes
// on with the query whatever we do, so a new connection for each read would pile them up until the
// server refuses everybody. It is kept, and used again when the server has answered. In the meantime
// there is one other. When both are stuck, nothing is opened.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/sources/deadline.h"
#include "lib/base/result.h"

namespace fleet {

struct PgClientOptions {
  std::string conninfo;                // without a password
  std::string password_file;           // empty: none
  std::size_t max_bytes = 16U << 20U;  // of one answer
};

// A row of an answer, while the callback runs.
class PgRow {
 public:
  virtual ~PgRow() = default;
  virtual std::size_t size() const = 0;
  virtual std::string_view name(std::size_t column) const = 0;
  virtual std::optional<std::string_view> value(std::size_t column) const = 0;  // nullopt: NULL

  // Of the column of that name; nullopt also when there is none.
  std::optional<std::string_view> Find(std::string_view name) const;
};

struct PgError {
  std::string message;   // one line, no secrets
  std::string sqlstate;  // empty: not from the server
  bool lost = false;     // the connection cannot be used now
};

class PgClient {
 public:
  using OnRow = std::function<void(const PgRow&)>;

  explicit PgClient(PgClientOptions options);
  ~PgClient();
  PgClient(const PgClient&) = delete;
  PgClient& operator=(const PgClient&) = delete;

  // Finds or makes a connection for the queries that follow. True in the second member: it is new.
  tl::expected<bool, PgError> Acquire(const Deadline& deadline);
  // The connection is in a transaction that an earlier read did not end.
  bool InTransaction();
  // Several statements without rows and parameters.
  tl::expected<void, PgError> Execute(const std::string& sql, const Deadline& deadline);
  // One statement; parameters are $1, $2, ... as text.
  tl::expected<void, PgError> Query(const std::string& sql, const std::vector<std::string>& parameters,
                                    const Deadline& deadline, const OnRow& on_row);

  // What is wrong with a connection string, or nothing; and whether it holds a password.
  static std::optional<std::string> CheckConninfo(const std::string& conninfo);
  static std::string DatabaseOf(const std::string& conninfo);

 private:
  class Connection;
  Connection& current() { return *connections_[current_]; }

  PgClientOptions options_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::size_t current_ = 0;
};

}  // namespace fleet
