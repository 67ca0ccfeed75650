#include "exporter/fleet/errors.h"

namespace fleet {

using enum Field;

Refused Errors::Reported(const Event& event, UnixMillis at) {
  const auto component = series_->Value<"component">(event.Text(kComponent));
  ErrorClass rule = rules_->Classify(event.Text(kComponent), event.Text(kMessage), event.Text(kCode));
  if (rule.category == "timeout" &&
      IsRepeatedTimeout(component, rules_->RepeatedOf(event.Text(kComponent)), at)) {
    rule.severity = "critical";
  }
  series_->Count<"errors_total">(event.count, component, event.TextOr(kSeverity, rule.severity),
                                 event.TextOr(kCategory, rule.category));
  return std::nullopt;
}

bool Errors::IsRepeatedTimeout(LabelValue<"component"> component, const RepeatedTimeouts& limit,
                               UnixMillis at) {
  auto& newest_first = timeouts_[component.id];
  const auto count = static_cast<std::size_t>(limit.count);
  newest_first.push_front(at);
  if (newest_first.size() > count) newest_first.resize(count);
  return newest_first.size() == count && at - newest_first.back() <= limit.within;
}

}  // namespace fleet
