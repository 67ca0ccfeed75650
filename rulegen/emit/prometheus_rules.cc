#include "rulegen/emit/prometheus_rules.h"

#include <fmt/format.h>

#include "rulegen/emit/yaml_text.h"

namespace fleet::rulegen {
namespace {

void RenderMap(std::string_view key, const Labels& entries, std::string& out) {
  if (entries.empty()) return;
  fmt::format_to(std::back_inserter(out), "        {}:\n", key);
  for (const auto& [name, value] : entries) {
    fmt::format_to(std::back_inserter(out), "          {}: {}\n", name, YamlQuoted(value));
  }
}

void RenderRule(const Rule& rule, std::string& out) {
  fmt::format_to(std::back_inserter(out), "      - {}: {}\n", rule.is_alert ? "alert" : "record", rule.name);
  fmt::format_to(std::back_inserter(out), "        expr: |-\n{}", YamlBlock(rule.expr, 10));
  if (rule.hold.count() > 0) {
    fmt::format_to(std::back_inserter(out), "        for: {}\n", PrintDuration(rule.hold));
  }
  if (rule.keep_firing.count() > 0) {
    fmt::format_to(std::back_inserter(out), "        keep_firing_for: {}\n", PrintDuration(rule.keep_firing));
  }
  RenderMap("labels", rule.labels, out);
  RenderMap("annotations", rule.annotations, out);
}

void RenderGroup(const RuleGroup& group, std::string& out) {
  fmt::format_to(std::back_inserter(out), "  - name: {}\n    interval: {}\n    rules:\n",
                 YamlQuoted(group.name), PrintDuration(group.interval));
  for (const Rule& rule : group.rules) RenderRule(rule, out);
}

}  // namespace

void RenderPrometheusRules(const Policy&, const Plan& plan, const Provenance& provenance,
                           std::vector<Output>& outputs) {
  for (const RuleFile& file : plan.rule_files) {
    std::string text =
        fmt::format("# {}(policy {}).\n# Do not edit: change the policy and run `rulegen build`.\n",
                    provenance.Mark(), provenance.policy_hash);
    text += "groups:\n";
    for (const RuleGroup& group : file.groups) RenderGroup(group, text);
    outputs.push_back({fmt::format("alerts/{}.yaml", file.name), std::move(text)});
  }
}

}  // namespace fleet::rulegen
