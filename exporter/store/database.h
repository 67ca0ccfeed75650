// SQLite, wrapped: the only file that knows it. One connection, for one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "lib/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace fleet {

// Why SQLite refused, as far as somebody acts on it.
enum class DatabaseTrouble {
  kNone,
  kDamaged,   // the file is no database, or a broken one
  kReadOnly,  // not ours to write
  kBusy,      // somebody else writes
  kFull,      // no space left
  kOther,
};

class Database;

// A prepared statement; reset before each use. Values are counted from 1, columns from 0.
class Statement {
 public:
  Statement() = default;

  Statement& Bind(int place, std::int64_t value);
  // The bytes must live until the statement has run.
  Statement& Bind(int place, std::string_view bytes);

  // The next row is there (true) or there is none (false).
  Result<bool> Step();
  // Runs to the end; for statements without rows.
  Result<void> Run();

  std::int64_t Integer(int column) const;
  // Valid until the next step.
  std::string_view Bytes(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  Database* database_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Access { kRead, kWrite, kCreate };

  // Nothing is read yet: a damaged file shows with the first statement.
  static Result<std::unique_ptr<Database>> Open(const std::string& path, Access access);

  // Any number of statements, without values and rows.
  Result<void> Execute(const std::string& sql);
  Result<Statement> Prepare(std::string_view sql);
  // The first column of the first row.
  Result<std::int64_t> Integer(std::string_view sql);
  Result<std::string> Text(std::string_view sql);

  // Of the last thing that failed.
  DatabaseTrouble trouble() const { return trouble_; }

 private:
  friend class Statement;
  struct Close {
    void operator()(sqlite3* database) const;
  };

  explicit Database(std::string path) : path_(std::move(path)) {}
  tl::unexpected<Error> Failed(int code);

  std::string path_;
  std::unique_ptr<sqlite3, Close> database_;
  DatabaseTrouble trouble_ = DatabaseTrouble::kNone;
};

// BEGIN IMMEDIATE; rolled back at the end of its life unless it was committed.
class Transaction {
 public:
  static Result<Transaction> Begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Result<void> Commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace fleet
