#include "exporter/store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace fleet {
namespace {

constexpr int kBusyMillis = 2000;

DatabaseTrouble TroubleOf(int code) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return DatabaseTrouble::kDamaged;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return DatabaseTrouble::kReadOnly;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return DatabaseTrouble::kBusy;
    case SQLITE_FULL:
      return DatabaseTrouble::kFull;
    default:
      return DatabaseTrouble::kOther;
  }
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement& Statement::Bind(int place, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), place, value);
  return *this;
}

Statement& Statement::Bind(int place, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), place, bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

Result<bool> Statement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  // An error is told before the reset, which would tell it again.
  Result<bool> result = false;
  if (code != SQLITE_DONE) result = database_->Failed(code);
  sqlite3_reset(statement_.get());
  return result;
}

Result<void> Statement::Run() {
  for (;;) {
    const Result<bool> row = Step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return {};
  }
}

std::int64_t Statement::Integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string_view Statement::Bytes(int column) const {
  const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr ? std::string_view() : std::string_view(bytes, static_cast<std::size_t>(size));
}

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Result<std::unique_ptr<Database>> Database::Open(const std::string& path, Access access) {
  std::unique_ptr<Database> database(new Database(path));
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= access == Access::kRead ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (access == Access::kCreate) flags |= SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  database->database_.reset(handle);
  if (code != SQLITE_OK) return database->Failed(code);
  sqlite3_busy_timeout(handle, kBusyMillis);
  return database;
}

Result<void> Database::Execute(const std::string& sql) {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Failed(code);
  return {};
}

Result<Statement> Database::Prepare(std::string_view sql) {
  Statement statement;
  statement.database_ = this;
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  statement.statement_.reset(handle);
  if (code != SQLITE_OK) return Failed(code);
  return statement;
}

Result<std::int64_t> Database::Integer(std::string_view sql) {
  auto statement = Prepare(sql);
  if (!statement) return tl::make_unexpected(statement.error());
  const Result<bool> row = statement->Step();
  if (!row) return tl::make_unexpected(row.error());
  return *row ? statement->Integer(0) : 0;
}

Result<std::string> Database::Text(std::string_view sql) {
  auto statement = Prepare(sql);
  if (!statement) return tl::make_unexpected(statement.error());
  const Result<bool> row = statement->Step();
  if (!row) return tl::make_unexpected(row.error());
  return std::string(*row ? statement->Bytes(0) : std::string_view());
}

// What the system said tells more than "disk I/O error".
tl::unexpected<Error> Database::Failed(int code) {
  trouble_ = TroubleOf(code);
  std::string why = sqlite3_errstr(code);
  const int error = database_ == nullptr ? 0 : sqlite3_system_errno(database_.get());
  const bool from_system = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
  if (from_system && error != 0) {
    why = std::strerror(error);
    if (error == ENOSPC || error == EDQUOT || error == EFBIG) trouble_ = DatabaseTrouble::kFull;
    if (error == EROFS) trouble_ = DatabaseTrouble::kReadOnly;
  }
  return Fail(fmt::format("{}: {}", path_, why));
}

Result<Transaction> Transaction::Begin(Database& database) {
  if (const auto begun = database.Execute("BEGIN IMMEDIATE"); !begun) {
    return tl::make_unexpected(begun.error());
  }
  return Transaction(database);
}

Result<void> Transaction::Commit() {
  auto committed = database_->Execute("COMMIT");
  if (committed) database_ = nullptr;
  return committed;
}

Transaction::~Transaction() {
  if (database_ != nullptr) (void)database_->Execute("ROLLBACK");
}

}  // namespace fleet
