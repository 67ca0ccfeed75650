#include "rulegen/proof/emitted_rules.h"

#include "lib/base/text.h"
#include "lib/yaml/yaml.h"

namespace fleet::rulegen {
namespace {

std::string TextOf(const yaml::Node& node, std::string_view key) {
  const yaml::Entry* entry = node.Find(key);
  return entry == nullptr ? std::string() : std::string(Trim(entry->value.text));
}

Duration DurationOf(const yaml::Node& node, std::string_view key) {
  return ParseDuration(TextOf(node, key)).value_or(Duration{0});
}

Rule RuleOf(const yaml::Node& node) {
  Rule rule;
  rule.is_alert = node.Find("alert") != nullptr;
  rule.name = TextOf(node, rule.is_alert ? "alert" : "record");
  rule.expr = TextOf(node, "expr");
  rule.hold = DurationOf(node, "for");
  rule.keep_firing = DurationOf(node, "keep_firing_for");
  if (const yaml::Entry* labels = node.Find("labels")) {
    for (const yaml::Entry& label : labels->value.entries) {
      rule.labels.emplace_back(*label.key, label.value.text);
    }
  }
  return rule;
}

}  // namespace

Result<std::vector<RuleGroup>> ParseRuleFile(const std::string& path, const std::string& text) {
  const SourceText source(path, text);
  Diagnostics diagnostics(source);
  const auto root = yaml::Parse(source, diagnostics);
  if (!root || diagnostics.has_errors()) return Fail(diagnostics.Render());
  const yaml::Entry* list = root->Find("groups");
  if (list == nullptr) return Fail(path + ": no groups");
  std::vector<RuleGroup> groups;
  for (const yaml::Node& item : list->value.items) {
    RuleGroup& group = groups.emplace_back();
    group.name = TextOf(item, "name");
    group.interval = DurationOf(item, "interval");
    const yaml::Entry* rules = item.Find("rules");
    if (rules == nullptr) continue;
    for (const yaml::Node& rule : rules->value.items) group.rules.push_back(RuleOf(rule));
  }
  return groups;
}

}  // namespace fleet::rulegen
