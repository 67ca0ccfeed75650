// An alert on a number with a fixed bound.
#include <utility>

#include "rulegen/policy/read_parts.h"
#include "rulegen/policy/read_query.h"

namespace fleet::rulegen {
namespace {

std::optional<std::pair<Query, Threshold>> ReadOnlyIf(yaml::MapReader& alert) {
  const yaml::Node* node = alert.Find("only_if");
  if (node == nullptr) return std::nullopt;
  yaml::MapReader map(*node, "'only_if'", alert.diagnostics());
  Query query = ReadQueryKeys(map);
  Threshold threshold = ReadThresholdKeys(map, "'only_if'");
  map.Finish();
  return std::pair(std::move(query), std::move(threshold));
}

}  // namespace

ThresholdAlert ReadThresholdAlert(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "an alert", diagnostics);
  ThresholdAlert alert;
  alert.alert = map.Required("alert", yaml::ReadString);
  alert.group = map.Required("group", yaml::ReadString);
  if (const yaml::Node* value = map.Require("value")) {
    alert.value = ReadQuery(*value, "'value'", diagnostics);
  }
  alert.threshold = ReadThresholdKeys(map, "an alert");
  alert.only_if = ReadOnlyIf(map);
  alert.hold = map.Required("for", yaml::ReadDuration);
  alert.keep_firing = map.Optional("keep_firing_for", yaml::ReadDuration);
  alert.severity = map.Required("severity", ReadSeverity, AlertSeverity::kWarning);
  alert.observe = map.Optional("observe", yaml::ReadBool).value_or(Located<bool>{false, map.span()}).value;
  alert.summary = map.Required("summary", yaml::ReadString);
  alert.description = map.Required("description", yaml::ReadString);
  alert.runbook = map.Required("runbook", yaml::ReadString);
  alert.dashboard = map.Optional("dashboard", yaml::ReadString);
  if (const yaml::Node* labels = map.Find("labels")) {
    alert.labels = yaml::ReadStringMap(*labels, "labels", diagnostics);
  }
  map.Finish();
  return alert;
}

}  // namespace fleet::rulegen
