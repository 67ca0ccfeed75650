#include "rulegen/proof/prove.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "rulegen/emit/prometheus_rules.h"
#include "rulegen/plan/expr.h"
#include "rulegen/proof/base_cases.h"
#include "rulegen/proof/record_cases.h"
#include "rulegen/proof/state_cases.h"
#include "rulegen/proof/threshold_cases.h"

namespace fleet::rulegen {
namespace {

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

// Labels that users choose take no part in what fires when.
void DropUserLabels(std::vector<RuleGroup>& groups) {
  for (RuleGroup& group : groups) {
    for (Rule& rule : group.rules) {
      std::erase_if(rule.labels, [](const auto& label) { return !label.first.starts_with("slo_"); });
    }
  }
}

// The proof without the names of its SLO: equal keys, equal proofs.
std::string KeyOf(const ProofFile& proof, const SloRules& rules) {
  std::string text = RenderProofRules(proof) + RenderPromtoolFile(proof.tests);
  text = Replaced(std::move(text), rules.id(), "@");
  text = Replaced(std::move(text), Matcher("slo_name", *rules.slo.name), "@");
  text = Replaced(std::move(text), "slo_name=" + *rules.slo.name, "@");
  text = Replaced(std::move(text), fmt::format("slo_name: {}", Quoted(*rules.slo.name)), "@");
  text = Replaced(std::move(text), fmt::format("slo_name=\\\"{}\\\"", *rules.slo.name), "@");
  return Replaced(std::move(text), proof.name, "@");
}

std::vector<RuleGroup> GroupsOf(const std::string& id, const std::vector<RuleGroup>& groups) {
  std::vector<RuleGroup> own;
  for (const char* part : {"", ":period", ":long"}) {
    for (const RuleGroup& group : groups) {
      if (group.name == "slo:" + id + part) own.push_back(group);
    }
  }
  DropUserLabels(own);
  return own;
}

void AddAlerts(const ProofFile& proof, std::set<std::string>& alerts) {
  for (const RuleGroup& group : proof.groups) {
    for (const Rule& rule : group.rules) {
      if (rule.is_alert) alerts.insert(rule.name + " " + TierOf(rule));
    }
  }
}

}  // namespace

std::string RenderProofRules(const ProofFile& proof) { return RenderRuleGroups(proof.groups); }

ProofPlan PlanProofs(const Policy& policy, const std::vector<RuleGroup>& groups,
                     const BurnProofOptions& options) {
  ProofPlan plan;
  std::set<std::string> keys;
  for (const Slo& slo : policy.slos) {
    const SloRules rules{policy, slo, GroupsOf(SloId(policy, slo), groups)};
    std::vector<ProofFile> proofs = BurnProofs(rules, *slo.name, options);
    for (auto& proof : RecordProofs(rules, *slo.name, options.closed_ranges))
      proofs.push_back(std::move(proof));
    for (auto& proof : StateProofs(rules, *slo.name)) proofs.push_back(std::move(proof));
    if (auto base = BaseProof(rules, *slo.name, options.closed_ranges)) {
      proofs.push_back(*std::move(base));
    } else {
      plan.unproven.push_back(rules.id() + ": the events of each step: " + base.error().message);
    }
    std::set<std::string> proven;
    for (ProofFile& proof : proofs) {
      AddAlerts(proof, proven);
      if (keys.insert(KeyOf(proof, rules)).second) {
        plan.files.push_back(std::move(proof));
      } else {
        ++plan.repeated;
      }
    }
    plan.alerts += proven.size();
    for (const RuleGroup& group : rules.groups) {
      for (const Rule& rule : group.rules) {
        if (!rule.is_alert || proven.count(rule.name + " " + TierOf(rule)) != 0) continue;
        plan.unproven.push_back(fmt::format("{}: alert {}", rules.id(), rule.name));
      }
    }
  }
  for (const ThresholdAlert& alert : policy.alerts) {
    auto proof = ThresholdProof(policy, alert, groups, options.closed_ranges);
    if (proof) {
      plan.files.push_back(*std::move(proof));
      ++plan.threshold_alerts;
    } else {
      plan.unproven.push_back(
          fmt::format("{}: alert {}: {}", *policy.service, *alert.alert, proof.error().message));
    }
  }
  return plan;
}

}  // namespace fleet::rulegen
