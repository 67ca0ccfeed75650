#include "exporter/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>

#include "lib/base/text.h"

namespace fleet {
namespace {

constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 4> kShownLevels = {"DEBUG", "INFO", "WARN", "ERROR"};
constexpr std::array<std::string_view, 2> kFormats = {"logfmt", "json"};

// RFC 3339 in UTC with milliseconds.
std::string Timestamp(UnixMillis time) {
  const std::time_t seconds = time.value / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, time.value % 1000);
}

std::string FileAndLine(const Logger::Place& place) {
  std::string_view file = place.file;
  file.remove_prefix(file.rfind('/') + 1);  // npos + 1 is 0
  return fmt::format("{}:{}", file, place.line);
}

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : Printable(text)) {
    if (c == '"') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string LogfmtValue(std::string_view text) {
  const bool plain = !text.empty() && !HasControlCharacter(text) && IsValidUtf8(text) &&
                     text.find_first_of(" =\"") == std::string_view::npos;
  return plain ? std::string(text) : Quoted(text);
}

// RFC 8259: quotes, backslashes and control characters escaped; Printable takes the rest's sting.
std::string JsonText(std::string_view text) {
  std::string out = "\"";
  for (const char c : IsValidUtf8(text) ? std::string(text) : Printable(text)) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

std::string_view Name(LogLevel level) { return kLevels[static_cast<std::size_t>(level)]; }
std::string_view Name(LogFormat format) { return kFormats[static_cast<std::size_t>(format)]; }

std::optional<LogLevel> ParseLogLevel(std::string_view text) {
  const auto* found = std::ranges::find(kLevels, text);
  if (found == kLevels.end()) return std::nullopt;
  return static_cast<LogLevel>(found - kLevels.begin());
}

std::optional<LogFormat> ParseLogFormat(std::string_view text) {
  const auto* found = std::ranges::find(kFormats, text);
  if (found == kFormats.end()) return std::nullopt;
  return static_cast<LogFormat>(found - kFormats.begin());
}

Logger::Logger(const Clock& clock, LogLevel level, LogFormat format,
               std::function<void(std::string_view)> write, std::function<void(LogLevel)> counted)
    : clock_(&clock),
      level_(level),
      format_(format),
      write_(std::move(write)),
      counted_(std::move(counted)) {}

void Logger::WriteToStderr(std::string_view line) {
  // Nobody is left to tell when this fails.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

void Logger::Log(LogLevel level, std::string_view message, Fields fields, const Place& place) {
  if (level < level_) return;
  const bool json = format_ == LogFormat::kJson;
  std::string line = json ? "{" : "";
  const auto add = [&](std::string_view key, std::string_view value) {
    if (json) {
      line += fmt::format("{}{}:{}", line.size() > 1 ? "," : "", JsonText(key), JsonText(value));
    } else {
      line += fmt::format("{}{}={}", line.empty() ? "" : " ", key, LogfmtValue(value));
    }
  };
  add("time", Timestamp(clock_->Now()));
  add("level", kShownLevels[static_cast<std::size_t>(level)]);
  add("source", FileAndLine(place));
  add("msg", message);
  for (const LogField& field : fields) add(field.key, field.value);
  line += json ? "}\n" : "\n";
  counted_(level);
  const std::lock_guard lock(mutex_);
  write_(line);
}

}  // namespace fleet
