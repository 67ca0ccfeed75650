// What the program says while it runs: one line for each event, logfmt or JSON, as the programs of the
// Prometheus family write them.
//
//   time=2026-01-31T12:00:00.000Z level=INFO source=app.cc:42 msg="Listening on" address=:10940
//
// Never hand it a secret, or text of a sender that has not been shortened.
#pragma once

#include <atomic>
#include <concepts>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/clock.h"

namespace fleet {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kLogfmt, kJson };

std::string_view Name(LogLevel level);    // "debug"
std::string_view Name(LogFormat format);  // "logfmt"
std::optional<LogLevel> ParseLogLevel(std::string_view text);
std::optional<LogFormat> ParseLogFormat(std::string_view text);

struct LogField {
  std::string_view key;
  std::string value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, std::integral auto v) : key(k), value(std::to_string(v)) {}
};

// Thread-safe.
class Logger {
 public:
  using Fields = std::initializer_list<LogField>;
  // Not std::source_location: clang 14, which checks this code, has none.
  struct Place {
    const char* file = "";
    int line = 0;
  };

  // `write` gets whole lines, one at a time; `counted` every line that is written.
  Logger(
      const Clock& clock, LogLevel level, LogFormat format, std::function<void(std::string_view)> write,
      std::function<void(LogLevel)> counted = [](LogLevel) {});

  // A line to standard error in one system call.
  static void WriteToStderr(std::string_view line);

  void SetLevel(LogLevel level) { level_ = level; }

  void Debug(std::string_view message, Fields fields = {},
             Place place = {__builtin_FILE(), __builtin_LINE()}) {
    Log(LogLevel::kDebug, message, fields, place);
  }
  void Info(std::string_view message, Fields fields = {},
            Place place = {__builtin_FILE(), __builtin_LINE()}) {
    Log(LogLevel::kInfo, message, fields, place);
  }
  void Warn(std::string_view message, Fields fields = {},
            Place place = {__builtin_FILE(), __builtin_LINE()}) {
    Log(LogLevel::kWarn, message, fields, place);
  }
  void Error(std::string_view message, Fields fields = {},
             Place place = {__builtin_FILE(), __builtin_LINE()}) {
    Log(LogLevel::kError, message, fields, place);
  }

 private:
  void Log(LogLevel level, std::string_view message, Fields fields, const Place& place);

  const Clock* clock_;
  std::atomic<LogLevel> level_;
  LogFormat format_;
  std::function<void(std::string_view)> write_;
  std::function<void(LogLevel)> counted_;
  std::mutex mutex_;
};

}  // namespace fleet
