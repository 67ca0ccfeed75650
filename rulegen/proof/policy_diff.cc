#include "rulegen/proof/policy_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "rulegen/plan/slo_series.h"
#include "rulegen/proof/burn_model.h"

namespace fleet::rulegen {
namespace {

using Changes = std::vector<DescribedChange>;

constexpr char kOtherCondition[] = "has another condition";

std::string TimeOr(const std::optional<Duration>& time) { return time ? PrintDuration(*time) : "never"; }

std::string LabelOf(const Rule& rule, std::string_view label) {
  for (const auto& [name, value] : rule.labels) {
    if (name == label) return value;
  }
  return {};
}

// What makes a rule the same one in two versions.
std::string KeyOf(const Rule& rule) {
  return rule.name + "\n" + LabelOf(rule, "slo_id") + "\n" + LabelOf(rule, "slo_tier");
}

std::map<std::string, const Rule*> RulesByKey(const std::vector<RuleGroup>& groups) {
  std::map<std::string, const Rule*> rules;
  for (const RuleGroup& group : groups) {
    for (const Rule& rule : group.rules) {
      // A name that is there twice, for different severities say, is told apart by its place.
      std::string key = KeyOf(rule);
      while (!rules.emplace(key, &rule).second) key += "\n";
    }
  }
  return rules;
}

std::string SubjectOf(const Rule& rule) {
  const std::string slo = LabelOf(rule, "slo_id");
  return slo.empty() ? rule.name : slo;
}

// Labels that users choose: routes look at them.
void DescribeLabels(const Rule& before, const Rule& after, Changes& changes) {
  const auto is_own = [](const std::string& label) {
    return label.starts_with("slo_") || label == "severity" || label == "observed_severity";
  };
  // Said once of all alerts of an SLO.
  const std::string who =
      LabelOf(after, "slo_id").empty() ? after.name + " has" : std::string("its alerts have");
  const auto add = [&](const std::string& label, const std::string& what) {
    DescribedChange change{SubjectOf(after), fmt::format("{} {} {}", who, label, what)};
    if (std::find(changes.begin(), changes.end(), change) == changes.end())
      changes.push_back(std::move(change));
  };
  for (const auto& [label, value] : after.labels) {
    const std::string old = LabelOf(before, label);
    if (is_own(label) || old == value) continue;
    add(label, old.empty() ? value : fmt::format("{} instead of {}", value, old));
  }
  for (const auto& [label, value] : before.labels) {
    if (!is_own(label) && LabelOf(after, label).empty()) add(label, "no more, which was " + value);
  }
}

// What an SLO counts; everything else follows from it.
void DescribeEvents(const Rule& before, const Rule& after, Changes& changes) {
  if (before.expr == after.expr) return;
  for (const auto& [record, what] : {std::pair{kTotalRate, "events"}, std::pair{kErrorRate, "bad events"}}) {
    const bool counts = after.name == record || after.name == std::string(record) + "_all";
    if (counts) changes.push_back({SubjectOf(after), fmt::format("counts other {}", what)});
  }
}

void DescribeAlert(const Rule& before, const Rule& after, Changes& changes) {
  const auto add = [&](std::string text) {
    changes.push_back({SubjectOf(after), fmt::format("{} {}", after.name, std::move(text))});
  };
  if (before.expr != after.expr) add(kOtherCondition);
  if (before.hold != after.hold) {
    add(fmt::format("waits {} instead of {}", PrintDuration(after.hold), PrintDuration(before.hold)));
  }
  if (before.keep_firing != after.keep_firing) {
    add(fmt::format("fires on for {} instead of {}", PrintDuration(after.keep_firing),
                    PrintDuration(before.keep_firing)));
  }
  const std::string old_severity = LabelOf(before, "severity");
  const std::string new_severity = LabelOf(after, "severity");
  if (old_severity != new_severity) add(fmt::format("is {} instead of {}", new_severity, old_severity));
  DescribeLabels(before, after, changes);
}

std::string Counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {} {}", count, count == 1 ? "record" : "records", what);
}

void DescribeRecords(std::size_t added, std::size_t removed, std::size_t changed, Changes& changes) {
  std::string text;
  for (const auto& [count, what] :
       {std::pair{added, "added"}, std::pair{removed, "removed"}, std::pair{changed, "changed"}}) {
    if (count > 0) text += (text.empty() ? "" : ", ") + Counted(count, what);
  }
  if (!text.empty()) changes.push_back({"rules", text});
}

// The times of one alert at a total outage.
void DescribeTimes(const std::string& id, const BurnAlert& before, const BurnAlert& after,
                   RuleClock old_clock, RuleClock new_clock, Changes& changes) {
  const Decimal all(1, 0);
  const auto old_fires = DetectionTime(before, all, old_clock);
  const auto new_fires = DetectionTime(after, all, new_clock);
  const auto old_ends = ResetTime(before, all, old_clock);
  const auto new_ends = ResetTime(after, all, new_clock);
  const std::string name = fmt::format("{} ({})", after.alert, Name(after.severity));
  if (old_fires != new_fires) {
    changes.push_back({id, fmt::format("{} fires {}{} instead of {} when all events fail", name,
                                       new_fires ? "after " : "", TimeOr(new_fires), TimeOr(old_fires))});
  }
  if (old_ends != new_ends && old_ends && new_ends) {
    changes.push_back({id, fmt::format("{} ends {} after the errors instead of {}", name, TimeOr(new_ends),
                                       TimeOr(old_ends))});
  }
}

void DescribeTiers(const Policy& old_policy, const Slo& before, const Policy& new_policy, const Slo& after,
                   Changes& changes) {
  const std::string id = SloId(new_policy, after);
  const RuleClock old_clock{TimingFor(*old_policy.scrape_interval).step, true};
  const RuleClock new_clock{TimingFor(*new_policy.scrape_interval).step, true};
  const std::vector<BurnAlert> old_alerts = BurnAlertsOf(old_policy, before);
  const std::vector<BurnAlert> new_alerts = BurnAlertsOf(new_policy, after);
  for (const BurnAlert& alert : new_alerts) {
    const auto old = std::find_if(old_alerts.begin(), old_alerts.end(),
                                  [&](const BurnAlert& candidate) { return candidate.tier == alert.tier; });
    if (old != old_alerts.end()) DescribeTimes(id, *old, alert, old_clock, new_clock, changes);
  }
}

void DescribeSlo(const Policy& old_policy, const Slo& before, const Policy& new_policy, const Slo& after,
                 Changes& changes) {
  const std::string id = SloId(new_policy, after);
  if (*before.objective != *after.objective) {
    changes.push_back({id, fmt::format("the objective is {} % instead of {} %", after.objective->ToString(),
                                       before.objective->ToString())});
  }
  if (PeriodName(before) != PeriodName(after)) {
    changes.push_back(
        {id, fmt::format("the period is {} instead of {}", PeriodName(after), PeriodName(before))});
  }
  DescribeTiers(old_policy, before, new_policy, after, changes);
}

std::string BoundOf(const Threshold& threshold) {
  constexpr std::string_view kWords[] = {"above", "below", "at"};  // in the order of Comparison
  return fmt::format("{} {}", kWords[static_cast<std::size_t>(threshold.comparison)], threshold.bound->text);
}

void DescribeBounds(const Policy& before, const Policy& after, Changes& changes) {
  for (const ThresholdAlert& alert : after.alerts) {
    for (const ThresholdAlert& old : before.alerts) {
      if (*old.alert != *alert.alert || BoundOf(old.threshold) == BoundOf(alert.threshold)) continue;
      changes.push_back({*alert.alert, fmt::format("{} fires {} instead of {}", *alert.alert,
                                                   BoundOf(alert.threshold), BoundOf(old.threshold))});
    }
  }
}

// That a condition is another, of an alert whose times or bound were told.
bool IsToldBetter(const DescribedChange& change, const Changes& told) {
  if (!change.text.ends_with(kOtherCondition)) return false;
  const std::string alert = change.text.substr(0, change.text.find(' ') + 1);
  return std::any_of(told.begin(), told.end(), [&](const DescribedChange& other) {
    return other.subject == change.subject && other.text.starts_with(alert);
  });
}

const Slo* FindSlo(const Policy& policy, const std::string& name) {
  for (const Slo& slo : policy.slos) {
    if (*slo.name == name) return &slo;
  }
  return nullptr;
}

std::vector<RuleGroup> GroupsOf(const Policy& policy) {
  std::vector<RuleGroup> groups;
  for (RuleFile& file : MakePlan(policy).rule_files) {
    for (RuleGroup& group : file.groups) groups.push_back(std::move(group));
  }
  // The hash of the policy is on slo_info alone, and changes with every comment.
  for (RuleGroup& group : groups) {
    std::erase_if(group.rules, [](const Rule& rule) { return rule.name == "slo_info"; });
  }
  return groups;
}

}  // namespace

Changes DescribeRuleChanges(const std::vector<RuleGroup>& before, const std::vector<RuleGroup>& after) {
  Changes changes;
  const auto old_rules = RulesByKey(before);
  const auto new_rules = RulesByKey(after);
  std::size_t added = 0;
  std::size_t removed = 0;
  std::size_t changed = 0;
  for (const auto& [key, rule] : new_rules) {
    const auto old = old_rules.find(key);
    if (old == old_rules.end()) {
      if (rule->is_alert) changes.push_back({SubjectOf(*rule), "alert " + rule->name + " is new"});
      if (!rule->is_alert) ++added;
    } else if (rule->is_alert) {
      DescribeAlert(*old->second, *rule, changes);
    } else if (old->second->expr != rule->expr || old->second->labels != rule->labels) {
      DescribeEvents(*old->second, *rule, changes);
      ++changed;
    }
  }
  for (const auto& [key, rule] : old_rules) {
    if (new_rules.count(key) != 0) continue;
    if (rule->is_alert) changes.push_back({SubjectOf(*rule), "alert " + rule->name + " is gone"});
    if (!rule->is_alert) ++removed;
  }
  DescribeRecords(added, removed, changed, changes);
  return changes;
}

Changes DescribePolicyChanges(const Policy& before, const Policy& after) {
  Changes changes;
  for (const Slo& slo : after.slos) {
    const Slo* old = FindSlo(before, *slo.name);
    if (old == nullptr) {
      changes.push_back({SloId(after, slo),
                         fmt::format("is new: {} % over {}", slo.objective->ToString(), PeriodName(slo))});
    } else {
      DescribeSlo(before, *old, after, slo, changes);
    }
  }
  for (const Slo& slo : before.slos) {
    if (FindSlo(after, *slo.name) == nullptr) changes.push_back({SloId(before, slo), "is gone"});
  }
  DescribeBounds(before, after, changes);
  Changes rules = DescribeRuleChanges(GroupsOf(before), GroupsOf(after));
  std::erase_if(rules, [&](const DescribedChange& change) { return IsToldBetter(change, changes); });
  changes.insert(changes.end(), rules.begin(), rules.end());
  return changes;
}

}  // namespace fleet::rulegen
