#include "rulegen/plan/calendar.h"

#include <fmt/format.h>

namespace fleet::rulegen {
namespace {

// The unix epoch was a Thursday: 259200 s later than a Monday.
constexpr char kSecondsSinceAMonday[] = "(time() + 259200)";

// Days of the month before this one, and of the one before that.
constexpr char kMonthBefore[] = "days_in_month(vector(time()) - day_of_month() * 86400)";
constexpr char kTwoMonthsBefore[] =
    "days_in_month(vector(time()) - (day_of_month() + days_in_month(vector(time()) - day_of_month() * "
    "86400)) * "
    "86400)";

}  // namespace

Expr RunningPeriod(Calendar calendar) {
  const auto named = [](std::string_view number) {
    return Expr{fmt::format("count_values(\"{}\", {})", kPeriodLabel, number)};
  };
  switch (calendar) {
    case Calendar::kWeek:
      return named(fmt::format("floor(vector({} / 604800))", kSecondsSinceAMonday));
    case Calendar::kMonth:
      return named("year() * 100 + month()");
    case Calendar::kQuarter:
      return named("year() * 10 + ceil(month() / 3)");
  }
  return {};
}

Expr ElapsedShare(Calendar calendar) {
  switch (calendar) {
    case Calendar::kWeek:
      return {fmt::format("vector({} % 604800 / 604800)", kSecondsSinceAMonday)};
    case Calendar::kMonth:
      return {"((day_of_month() - 1) * 86400 + time() % 86400) / (days_in_month() * 86400)",
              Binding::kMultiply};
    case Calendar::kQuarter:
      return {
          fmt::format("(\n  (\n    day_of_month() - 1\n    + (month() % 3 != bool 1) * {}\n"
                      "    + (month() % 3 == bool 0) * {}\n  ) * 86400 + time() % 86400\n)\n/\n({} * 86400)",
                      kMonthBefore, kTwoMonthsBefore, "(" + LengthInDays(calendar).text + ")"),
          Binding::kMultiply};
  }
  return {};
}

Expr LengthInDays(Calendar calendar) {
  switch (calendar) {
    case Calendar::kWeek:
      return {"vector(7)"};
    case Calendar::kMonth:
      return {"days_in_month()"};
    case Calendar::kQuarter:  // 90 and one in leap years, 91, 92, 92
      return {"90 + (month() <= bool 3) * (year() % 4 == bool 0) + (month() > bool 3) + (month() > bool 6)",
              Binding::kAdd};
  }
  return {};
}

}  // namespace fleet::rulegen
