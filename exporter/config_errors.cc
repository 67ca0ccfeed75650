// The sections `errors` and `backups`.
#include <fmt/format.h>

#include "exporter/config_parts.h"
#include "lib/yaml/reader.h"

namespace fleet {
namespace {

constexpr yaml::EnumName<std::string_view> kSeverities[] = {
    {"critical", "critical"}, {"warning", "warning"}, {"info", "info"}};

std::optional<std::string> ReadPattern(const yaml::Node& node, std::string_view name,
                                       Diagnostics& diagnostics) {
  auto pattern = yaml::ReadString(node, name, diagnostics);
  if (!pattern) return std::nullopt;
  if (const auto wrong = CheckPattern(*pattern)) {
    diagnostics.AddError(node.span, "regex-invalid", fmt::format("'{}' is no RE2 pattern: {}", name, *wrong));
    return std::nullopt;
  }
  return pattern;
}

std::optional<std::string_view> ReadSeverity(const yaml::Node& node, std::string_view name,
                                             Diagnostics& diagnostics) {
  return yaml::ReadEnum(node, name, kSeverities, diagnostics);
}

ErrorRule ReadRule(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "an error rule", diagnostics);
  ErrorRule rule;
  const bool has_condition = map.Has("message") || map.Has("component") || map.Has("code");
  if (auto message = map.Optional("message", ReadPattern)) rule.message = *std::move(*message);
  if (auto component = map.Optional("component", ReadPattern)) rule.component = *std::move(*component);
  if (auto code = map.Optional("code", ReadPattern)) rule.code = *std::move(*code);
  rule.severity = std::string(*map.Required("severity", ReadSeverity, std::string_view("info")));
  rule.category = *map.Required("category", yaml::ReadString, std::string("other"));
  if (!has_condition && node.kind == yaml::Kind::kMap) {
    diagnostics.AddError(node.span, "value-missing", "an error rule needs 'message', 'component' or 'code'");
  }
  map.Finish();
  return rule;
}

std::vector<ErrorRule> ReadRules(yaml::MapReader& map) {
  std::vector<ErrorRule> rules;
  const yaml::Node* const node = map.Find("rules");
  if (node == nullptr) return rules;
  for (const yaml::Node& item : yaml::ReadItems(*node, "rules", map.diagnostics())) {
    rules.push_back(ReadRule(item, map.diagnostics()));
  }
  return rules;
}

RepeatedTimeouts ReadRepeated(const yaml::Node& node, Diagnostics& diagnostics) {
  constexpr std::int64_t kMost = 1000;
  yaml::MapReader map(node, "'repeated_timeouts'", diagnostics);
  RepeatedTimeouts repeated;
  const auto count = map.Required<std::int64_t>("count", yaml::ReadInteger, repeated.count);
  if (*count < 1 || *count > kMost) {
    diagnostics.AddError(count.span, "value-range",
                         fmt::format("'count' must be a whole number from 1 to {}", kMost));
  } else {
    repeated.count = static_cast<int>(*count);
  }
  repeated.within = *map.Required("within", yaml::ReadDuration, repeated.within);
  map.Finish();
  return repeated;
}

void ReadComponents(const yaml::Node& node, ErrorConfig& errors, Diagnostics& diagnostics) {
  if (node.kind != yaml::Kind::kMap) {
    diagnostics.AddError(node.span, "value-type", "'components' must be a map of components");
    return;
  }
  for (const yaml::Entry& entry : node.entries) {
    const std::string what = fmt::format("component '{}'", *entry.key);
    yaml::MapReader map(entry.value, what, diagnostics);
    ComponentErrors& component = errors.components[*entry.key];
    component.rules = ReadRules(map);
    if (const yaml::Node* repeated = map.Find("repeated_timeouts")) {
      component.repeated = ReadRepeated(*repeated, diagnostics);
    }
    map.Finish();
  }
}

}  // namespace

void ReadErrors(const yaml::Node& node, ErrorConfig& errors, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "section 'errors'", diagnostics);
  errors.rules = ReadRules(map);
  if (const auto builtin = map.Optional("builtin_rules", yaml::ReadBool)) errors.builtin_rules = **builtin;
  if (const yaml::Node* repeated = map.Find("repeated_timeouts")) {
    errors.repeated = ReadRepeated(*repeated, diagnostics);
  }
  if (const yaml::Node* components = map.Find("components")) {
    ReadComponents(*components, errors, diagnostics);
  }
  map.Finish();
}

void ReadBackups(const yaml::Node& node, std::map<std::string, RecoveryObjectives>& targets,
                 Diagnostics& diagnostics) {
  yaml::MapReader map(node, "section 'backups'", diagnostics);
  if (const yaml::Node* all = map.Require("targets")) {
    if (all->kind != yaml::Kind::kMap) {
      diagnostics.AddError(all->span, "value-type", "'targets' must be a map of backup targets");
    }
    for (const yaml::Entry& entry : all->entries) {
      const std::string what = fmt::format("backup target '{}'", *entry.key);
      yaml::MapReader target(entry.value, what, diagnostics);
      RecoveryObjectives& objectives = targets[*entry.key];
      if (const auto rpo = target.Optional("rpo", yaml::ReadDuration)) objectives.rpo = **rpo;
      if (const auto rto = target.Optional("rto", yaml::ReadDuration)) objectives.rto = **rto;
      target.Finish();
    }
  }
  map.Finish();
}

}  // namespace fleet
