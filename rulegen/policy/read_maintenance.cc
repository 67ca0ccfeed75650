// Maintenance windows: `days`, `from` and `to` every week, or `begin` and `end` once.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <utility>

#include "rulegen/policy/read_parts.h"

namespace fleet::rulegen {
namespace {

// The digits of `text` at `at`, or -1.
int Digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '9') return -1;
    value = 10 * value + (text[i] - '0');
  }
  return value;
}

// "02:00"; quoted or not, since YAML readers disagree about what 02:00 is.
std::optional<Duration> ReadTimeOfDay(const yaml::Node& node, std::string_view name,
                                      Diagnostics& diagnostics) {
  const auto text = yaml::ReadString(node, name, diagnostics);
  if (!text) return std::nullopt;
  const auto time = ParseTimeOfDay(*text);
  if (!time) yaml::ReportValue(node, name, "a time of the day such as 02:30", diagnostics);
  return time;
}

// "2026-12-01T22:00Z", seconds are welcome; unix seconds.
std::optional<std::int64_t> ParseInstant(std::string_view text) {
  using namespace std::chrono;
  if (!text.ends_with('Z')) return std::nullopt;
  text.remove_suffix(1);
  const bool has_shape = (text.size() == 16 || (text.size() == 19 && text[16] == ':')) && text[4] == '-' &&
                         text[7] == '-' && text[10] == 'T';
  if (!has_shape) return std::nullopt;
  const int second = text.size() == 19 ? Digits(text, 17, 2) : 0;
  const auto time = ParseTimeOfDay(text.substr(11, 5));
  const int years = Digits(text, 0, 4);
  const int months = Digits(text, 5, 2);
  const int dates = Digits(text, 8, 2);
  if (!time || years < 0 || months < 0 || dates < 0 || second < 0 || second > 59) return std::nullopt;
  const year_month_day date{year(years), month(static_cast<unsigned>(months)),
                            day(static_cast<unsigned>(dates))};
  if (!date.ok()) return std::nullopt;
  return duration_cast<seconds>(sys_days(date).time_since_epoch() + *time).count() + second;
}

std::optional<std::int64_t> ReadInstant(const yaml::Node& node, std::string_view name,
                                        Diagnostics& diagnostics) {
  const auto text = yaml::ReadString(node, name, diagnostics);
  if (!text) return std::nullopt;
  const auto instant = ParseInstant(*text);
  if (!instant) yaml::ReportValue(node, name, "a time in UTC such as 2026-12-01T22:00Z", diagnostics);
  return instant;
}

}  // namespace

std::optional<Duration> ParseTimeOfDay(std::string_view text) {
  const int hour = Digits(text, 0, 2);
  const int minute = Digits(text, 3, 2);
  if (text.size() != 5 || text[2] != ':' || hour < 0 || minute < 0 || minute > 59) return std::nullopt;
  if (hour > 24 || (hour == 24 && minute > 0)) return std::nullopt;
  return std::chrono::hours(hour) + std::chrono::minutes(minute);
}

Maintenance ReadMaintenance(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "a maintenance window", diagnostics);
  Maintenance window;
  window.name = map.Required("name", yaml::ReadString);
  const bool is_once = map.Has("begin") || map.Has("end");
  if (is_once) {
    window.once = Maintenance::Once{map.Required<std::int64_t>("begin", ReadInstant),
                                    map.Required<std::int64_t>("end", ReadInstant)};
    for (const char* key : {"days", "from", "to"}) {
      if (map.Find(key) == nullptr) continue;
      diagnostics.AddError(
          map.span(), "choice-conflict",
          fmt::format("a maintenance window with 'begin' happens once and has no '{}'", key));
    }
  } else {
    if (const yaml::Node* days = map.Find("days")) {
      for (const yaml::Node& item : yaml::ReadItems(*days, "days", diagnostics)) {
        if (const auto day = yaml::ReadEnum(item, "an item of 'days'", kWeekdays, diagnostics))
          window.days.push_back({*day, item.span});
      }
    }
    window.from = map.Required("from", ReadTimeOfDay, Duration{0});
    window.to = map.Required("to", ReadTimeOfDay, Duration{std::chrono::hours(1)});
  }
  if (const yaml::Node* slos = map.Find("slos")) window.slos = yaml::ReadStrings(*slos, "slos", diagnostics);
  map.Finish();
  return window;
}

}  // namespace fleet::rulegen
