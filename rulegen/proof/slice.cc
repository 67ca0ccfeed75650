#include "rulegen/proof/slice.h"

#include <fmt/format.h>

#include <algorithm>

#include "rulegen/plan/expr.h"

namespace fleet::rulegen {
namespace {

// The record is read by the expression: its name stands there, and is not a part of a longer one.
bool Reads(const std::string& expr, const std::string& record) {
  const auto is_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':';
  };
  for (std::size_t at = expr.find(record); at != std::string::npos; at = expr.find(record, at + 1)) {
    const std::size_t end = at + record.size();
    const bool begins = at == 0 || !is_name(expr[at - 1]);
    const bool ends = end == expr.size() || !is_name(expr[end]);
    if (begins && ends) return true;
  }
  return false;
}

std::vector<const Rule*> Wanted(std::span<const RuleGroup> groups, const RulePredicate& is_wanted,
                                const std::set<std::string>& inputs) {
  std::vector<const Rule*> wanted;
  std::vector<const Rule*> others;
  for (const RuleGroup& group : groups) {
    for (const Rule& rule : group.rules) {
      if (!rule.is_alert && inputs.count(rule.name) != 0) continue;
      (is_wanted(rule) ? wanted : others).push_back(&rule);
    }
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    for (auto it = others.begin(); it != others.end();) {
      const bool is_read = !(*it)->is_alert && Reads(wanted[i]->expr, (*it)->name);
      if (is_read) wanted.push_back(*it);
      it = is_read ? others.erase(it) : it + 1;
    }
  }
  return wanted;
}

}  // namespace

std::vector<RuleGroup> Cut(std::span<const RuleGroup> groups, const RulePredicate& is_wanted,
                           const std::set<std::string>& inputs) {
  const std::vector<const Rule*> wanted = Wanted(groups, is_wanted, inputs);
  std::vector<RuleGroup> cut;
  for (const RuleGroup& group : groups) {
    RuleGroup kept{group.name, group.interval, {}};
    for (const Rule& rule : group.rules) {
      if (std::find(wanted.begin(), wanted.end(), &rule) != wanted.end()) kept.rules.push_back(rule);
    }
    if (!kept.rules.empty()) cut.push_back(std::move(kept));
  }
  return cut;
}

std::string TierOf(const Rule& rule) {
  for (const auto& [name, value] : rule.labels) {
    if (name == "slo_tier") return value;
  }
  return {};
}

ProofFile MakeProof(std::string name, std::string about, std::vector<RuleGroup> groups, Duration interval) {
  ProofFile proof{std::move(name), std::move(about), std::move(groups), {}};
  proof.tests.rule_file = proof.name + ".rules.yml";
  proof.tests.evaluation_interval = interval;
  for (const RuleGroup& group : proof.groups) proof.tests.groups.push_back(group.name);
  return proof;
}

std::string RecordSeries(const SloRules& rules, const std::string& record, const std::string& extra) {
  std::string labels =
      fmt::format("{},{},{}", Matcher("slo_id", rules.id()), Matcher("slo_name", *rules.slo.name),
                  Matcher("slo_service", *rules.policy.service));
  if (!extra.empty()) labels += "," + extra;
  return fmt::format("{}{{{}}}", record, labels);
}

}  // namespace fleet::rulegen
