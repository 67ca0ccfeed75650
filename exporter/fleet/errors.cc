#include "exporter/fleet/errors.h"

#include <algorithm>
#include <chrono>

#include "exporter/fleet/error_rules.h"

namespace fleet {

using enum Field;

namespace {

constexpr std::chrono::minutes kRepeatedWithin{5};

}  // namespace

Refused Errors::Reported(const Event& event, UnixMillis at) {
  const auto component = series_->Value<"component">(event.Text(kComponent));
  ErrorClass rule = ClassifyError(event.Text(kMessage), event.Text(kCode));
  if (rule.category == "timeout" && IsRepeatedTimeout(component, at)) rule.severity = "critical";
  series_->Count<"errors_total">(event.count, component, event.TextOr(kSeverity, rule.severity),
                                 event.TextOr(kCategory, rule.category));
  return std::nullopt;
}

bool Errors::IsRepeatedTimeout(LabelValue<"component"> component, UnixMillis at) {
  auto& newest_first = timeouts_[component.id];
  std::rotate(newest_first.begin(), newest_first.end() - 1, newest_first.end());
  newest_first[0] = at;
  const UnixMillis third = newest_first[kRepeated - 1];
  return third.value != 0 && at - third <= kRepeatedWithin;
}

}  // namespace fleet
