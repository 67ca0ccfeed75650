#include "exporter/sources/pg_client.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>

#include "exporter/sources/secret.h"
#include "lib/base/freed.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

constexpr std::size_t kConnections = 2;

using ResultPtr = std::unique_ptr<PGresult, Freed<PQclear>>;
using OptionsPtr = std::unique_ptr<PQconninfoOption, Freed<PQconninfoFree>>;

// libpq ends its messages in line feeds, and some have several lines.
std::string OneLine(const char* text) {
  std::string line(Trim(text == nullptr ? "" : text));
  std::ranges::replace(line, '\n', ' ');
  constexpr std::size_t kLongest = 300;
  return Printable(line.substr(0, kLongest));
}

class Row final : public PgRow {
 public:
  explicit Row(const PGresult* result) : result_(result) {}
  std::size_t size() const override { return static_cast<std::size_t>(PQnfields(result_)); }
  std::string_view name(std::size_t column) const override {
    return PQfname(result_, static_cast<int>(column));
  }
  std::optional<std::string_view> value(std::size_t column) const override {
    const int at = static_cast<int>(column);
    if (PQgetisnull(result_, 0, at) != 0) return std::nullopt;
    return std::string_view(PQgetvalue(result_, 0, at),
                            static_cast<std::size_t>(PQgetlength(result_, 0, at)));
  }

 private:
  const PGresult* result_;
};

std::size_t BytesOf(const PGresult* result) {
  std::size_t bytes = 0;
  for (int i = 0; i < PQnfields(result); ++i)
    bytes += static_cast<std::size_t>(PQgetlength(result, 0, i)) + 8;
  return bytes;
}

OptionsPtr ParseConninfo(const std::string& conninfo, std::string& error) {
  char* message = nullptr;
  OptionsPtr options(PQconninfoParse(conninfo.c_str(), &message));
  error = OneLine(message);
  PQfreemem(message);
  return options;
}

std::string OptionOf(const PQconninfoOption* options, std::string_view keyword) {
  for (const auto* option = options; option != nullptr && option->keyword != nullptr; ++option) {
    if (option->keyword == keyword && option->val != nullptr) return option->val;
  }
  return "";
}

}  // namespace

std::optional<std::string_view> PgRow::Find(std::string_view wanted) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (name(i) == wanted) return value(i);
  }
  return std::nullopt;
}

class PgClient::Connection {
 public:
  enum class State { kClosed, kConnecting, kIdle, kBusy };

  ~Connection() { Close(); }

  State state() const { return state_; }
  const std::string& error() const { return error_; }
  bool InTransaction() const { return PQtransactionStatus(connection_) != PQTRANS_IDLE; }

  void Open(const PgClientOptions& options) {
    Close();
    std::string password;
    if (!options.password_file.empty()) {
      const auto secret = ReadSecret(options.password_file);
      if (!secret) return Break(secret.error().message);
      password = *secret;
    }
    // Dead peers are noticed by the kernel, so that a connection cannot be stuck for ever.
    const char* const keywords[] = {"dbname",
                                    "password",
                                    "fallback_application_name",
                                    "keepalives_idle",
                                    "keepalives_interval",
                                    "keepalives_count",
                                    "tcp_user_timeout",
                                    nullptr};
    const char* const values[] = {options.conninfo.c_str(),
                                  password.empty() ? nullptr : password.c_str(),
                                  "fleet_exporter",
                                  "10",
                                  "5",
                                  "3",
                                  "20000",
                                  nullptr};
    connection_ = PQconnectStartParams(keywords, values, /*expand_dbname=*/1);
    if (connection_ == nullptr) return Break("libpq is out of memory");
    if (PQstatus(connection_) == CONNECTION_BAD) return Break(OneLine(PQerrorMessage(connection_)));
    PQsetNoticeReceiver(
        connection_, [](void*, const PGresult*) {}, nullptr);  // by default they go to standard error
    state_ = State::kConnecting;
    events_ = POLLOUT;
  }

  // Goes on with what is under way, without waiting.
  void Advance() {
    if (state_ == State::kConnecting) AdvanceConnect();
    if (state_ == State::kBusy) Drain();
  }

  pollfd Waiting() const { return {PQsocket(connection_), events_, 0}; }

  bool Send(const std::string& sql, const std::vector<std::string>* parameters) {
    int sent = 0;
    if (parameters == nullptr) {
      sent = PQsendQuery(connection_, sql.c_str());
    } else {
      std::vector<const char*> values;
      for (const std::string& parameter : *parameters) values.push_back(parameter.c_str());
      sent = PQsendQueryParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr,
                               values.data(), nullptr, nullptr, /*resultFormat=*/0);
    }
    if (sent == 0) return Break(OneLine(PQerrorMessage(connection_))), false;
    state_ = State::kBusy;
    PQsetSingleRowMode(connection_);
    return true;
  }

  // A result of the query under way. Null in the value: the query is over.
  tl::expected<ResultPtr, PgError> Next(const Deadline& deadline) {
    for (;;) {
      const int flushed = PQflush(connection_);
      if (flushed < 0 || PQconsumeInput(connection_) == 0) return Lost(OneLine(PQerrorMessage(connection_)));
      if (PQisBusy(connection_) == 0) break;
      events_ = static_cast<short>(flushed > 0 ? POLLIN | POLLOUT : POLLIN);
      if (deadline.passed()) return tl::make_unexpected(PgError{"no answer by the deadline", "", true});
      pollfd waiting = Waiting();
      poll(&waiting, 1, std::max(1, deadline.PollMillis()));
    }
    ResultPtr result(PQgetResult(connection_));
    if (result == nullptr) state_ = State::kIdle;
    if (PQstatus(connection_) == CONNECTION_BAD) {
      return Lost(OneLine(result ? PQresultErrorMessage(result.get()) : PQerrorMessage(connection_)));
    }
    return result;
  }

  tl::unexpected<PgError> Lost(std::string message) {
    Break(message);
    return tl::make_unexpected(PgError{std::move(message), "", true});
  }

 private:
  void Close() {
    if (connection_ != nullptr) PQfinish(connection_);
    connection_ = nullptr;
    state_ = State::kClosed;
  }

  void Break(std::string why) {
    Close();
    error_ = std::move(why);
  }

  void AdvanceConnect() {
    // libpq wants to be asked again only when the socket is ready.
    pollfd waiting = Waiting();
    if (poll(&waiting, 1, 0) == 0) return;
    switch (PQconnectPoll(connection_)) {
      case PGRES_POLLING_OK:
        PQsetnonblocking(connection_, 1);
        state_ = State::kIdle;
        events_ = POLLIN;
        break;
      case PGRES_POLLING_READING:
        events_ = POLLIN;
        break;
      case PGRES_POLLING_WRITING:
        events_ = POLLOUT;
        break;
      default:
        Break(OneLine(PQerrorMessage(connection_)));
    }
  }

  // Throws away what an earlier query still answers.
  void Drain() {
    if (PQflush(connection_) < 0 || PQconsumeInput(connection_) == 0) {
      return Break(OneLine(PQerrorMessage(connection_)));
    }
    while (PQisBusy(connection_) == 0) {
      const ResultPtr result(PQgetResult(connection_));
      if (PQstatus(connection_) == CONNECTION_BAD) return Break(OneLine(PQerrorMessage(connection_)));
      if (result != nullptr) continue;
      state_ = State::kIdle;
      return;
    }
  }

  PGconn* connection_ = nullptr;
  State state_ = State::kClosed;
  short events_ = 0;
  std::string error_;
};

PgClient::PgClient(PgClientOptions options) : options_(std::move(options)) {
  for (std::size_t i = 0; i < kConnections; ++i) connections_.push_back(std::make_unique<Connection>());
}
PgClient::~PgClient() = default;

tl::expected<bool, PgError> PgClient::Acquire(const Deadline& deadline) {
  using State = Connection::State;
  Connection* opened = nullptr;
  for (;;) {
    std::vector<pollfd> waiting;
    for (std::size_t i = 0; i < kConnections; ++i) {
      Connection& connection = *connections_[i];
      connection.Advance();
      if (connection.state() == State::kIdle) {
        current_ = i;
        return &connection == opened;
      }
      if (connection.state() != State::kClosed) waiting.push_back(connection.Waiting());
    }
    const auto closed = std::ranges::find_if(
        connections_, [](const auto& connection) { return connection->state() == State::kClosed; });
    if (opened != nullptr && opened->state() == State::kClosed) {
      return tl::make_unexpected(PgError{opened->error(), "", true});
    }
    if (opened == nullptr && closed != connections_.end()) {
      opened = closed->get();
      opened->Open(options_);
      continue;
    }
    if (deadline.passed()) {
      return tl::make_unexpected(PgError{
          opened != nullptr ? "cannot connect by the deadline" : "earlier queries have not been answered yet",
          "", true});
    }
    poll(waiting.data(), waiting.size(), std::max(1, deadline.PollMillis()));
  }
}

bool PgClient::InTransaction() { return current().InTransaction(); }

tl::expected<void, PgError> PgClient::Execute(const std::string& sql, const Deadline& deadline) {
  if (!current().Send(sql, nullptr)) return tl::make_unexpected(PgError{current().error(), "", true});
  std::optional<PgError> error;
  for (;;) {
    const auto result = current().Next(deadline);
    if (!result) return tl::make_unexpected(result.error());
    if (*result == nullptr) break;
    if (PQresultStatus(result->get()) != PGRES_FATAL_ERROR || error) continue;
    const char* state = PQresultErrorField(result->get(), PG_DIAG_SQLSTATE);
    error = PgError{OneLine(PQresultErrorMessage(result->get())), state == nullptr ? "" : state, false};
  }
  if (error) return tl::make_unexpected(*error);
  return {};
}

tl::expected<void, PgError> PgClient::Query(const std::string& sql,
                                            const std::vector<std::string>& parameters,
                                            const Deadline& deadline, const OnRow& on_row) {
  if (!current().Send(sql, &parameters)) return tl::make_unexpected(PgError{current().error(), "", true});
  std::size_t bytes = 0;
  std::optional<PgError> error;
  for (;;) {
    const auto result = current().Next(deadline);
    if (!result) return tl::make_unexpected(result.error());
    if (*result == nullptr) break;
    const ExecStatusType status = PQresultStatus(result->get());
    if (status == PGRES_SINGLE_TUPLE) {
      bytes += BytesOf(result->get());
      if (bytes > options_.max_bytes) {
        return current().Lost(fmt::format("the answer is larger than {} bytes", options_.max_bytes));
      }
      on_row(Row(result->get()));
    } else if (status == PGRES_FATAL_ERROR && !error) {
      const char* state = PQresultErrorField(result->get(), PG_DIAG_SQLSTATE);
      error = PgError{OneLine(PQresultErrorField(result->get(), PG_DIAG_MESSAGE_PRIMARY)),
                      state == nullptr ? "" : state, false};
    } else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && !error) {
      return current().Lost("the query is none that answers rows");  // COPY
    }
  }
  if (error) return tl::make_unexpected(*error);
  return {};
}

std::optional<std::string> PgClient::CheckConninfo(const std::string& conninfo) {
  std::string error;
  const OptionsPtr options = ParseConninfo(conninfo, error);
  if (options == nullptr) return error;
  if (!OptionOf(options.get(), "password").empty()) return "it holds a password; use 'password_file'";
  return std::nullopt;
}

std::string PgClient::DatabaseOf(const std::string& conninfo) {
  std::string error;
  return OptionOf(ParseConninfo(conninfo, error).get(), "dbname");
}

}  // namespace fleet
