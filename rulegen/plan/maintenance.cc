#include "rulegen/plan/maintenance.h"

#include <fmt/format.h>

namespace fleet::rulegen {
namespace {

using std::chrono::hours;

constexpr Duration kDay = hours(24);

std::int64_t Seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

// The days, moved by `later` of them, and a part of the day.
Expr OpenOn(const std::vector<Located<int>>& days, int later, Duration from, Duration to) {
  std::string any_day;
  for (const Located<int>& day : days) {
    any_day += fmt::format("{}(day_of_week() == bool {})", any_day.empty() ? "" : " + ", (*day + later) % 7);
  }
  std::string text = days.size() > 1 ? "(" + any_day + ")" : any_day;
  const auto add = [&](std::string_view op, Duration bound) {
    text += fmt::format("{}(time() % 86400 {} bool {})", text.empty() ? "" : " * ", op, Seconds(bound));
  };
  if (from > Duration{0}) add(">=", from);
  if (to < kDay) add("<", to);
  if (text.empty()) text = "1";
  // Without days it is a scalar.
  if (days.empty()) return {fmt::format("vector({})", text)};
  return {std::move(text), Binding::kMultiply};
}

Expr OpenDuring(const Maintenance& window) {
  if (window.once) {
    return {fmt::format("vector((time() >= bool {}) * (time() < bool {}))", *window.once->begin,
                        *window.once->end)};
  }
  if (*window.from < *window.to) return OpenOn(window.days, 0, *window.from, *window.to);
  const Expr tonight = OpenOn(window.days, 0, *window.from, kDay);
  return Binary(tonight, "+", OpenOn(window.days, 1, Duration{0}, *window.to));
}

}  // namespace

Expr ActiveMaintenance(const std::vector<const Maintenance*>& windows) {
  Expr sum = OpenDuring(*windows.front());
  bool may_overlap = false;
  for (std::size_t i = 1; i < windows.size(); ++i) {
    sum = Binary(sum, "+", OpenDuring(*windows[i]), Layout::kOwnLine);
    may_overlap = true;
  }
  if (!may_overlap) return sum;
  return {"clamp_max(\n" + Indented(sum.text + ",\n1") + "\n)"};
}

}  // namespace fleet::rulegen
