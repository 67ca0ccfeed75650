#include "lib/promql/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "lib/base/text.h"
#include "lib/promql/check.h"
#include "lib/promql/functions.h"
#include "lib/promql/regex.h"
#include "lib/promql/visit.h"

namespace fleet::promql {
namespace {

const std::string kMetricName(kNameLabel);

bool Lists(const std::vector<Label>& labels, const std::string& name) {
  return std::any_of(labels.begin(), labels.end(), [&](const Label& l) { return l.value == name; });
}

// What is not in `keep` goes.
template <typename Keep>
void KeepOnly(LabelSet& labels, Keep keep) {
  std::erase_if(labels.sure, [&](const auto& each) { return !keep(each.first); });
  std::erase_if(labels.spread, [&](const std::string& each) { return !keep(each); });
}

LabelSet Only(const std::vector<Label>& wanted, LabelSet from) {
  LabelSet labels = std::move(from);
  std::set<std::string> names;
  for (const Label& label : wanted) {
    if (labels.may_have(label.value)) names.insert(label.value);
  }
  labels.is_open = false;
  labels.names = std::move(names);
  KeepOnly(labels, [&](const std::string& name) { return labels.names.contains(name); });
  return labels;
}

// May be there when it may on both sides.
void Intersect(LabelSet& a, const LabelSet& b) {
  if (a.is_open && b.is_open) {
    a.names.insert(b.names.begin(), b.names.end());
  } else if (a.is_open) {
    std::set<std::string> both;
    for (const std::string& name : b.names) {
      if (a.may_have(name)) both.insert(name);
    }
    a.names = std::move(both);
    a.is_open = false;
  } else {
    std::erase_if(a.names, [&](const std::string& name) { return !b.may_have(name); });
  }
}

// Of `a or b`. The smaller set is walked, so that a long chain of them takes no more than a tree of joins.
LabelSet Unite(LabelSet a, LabelSet b) {
  std::set<std::string> spread = std::move(a.spread);
  if (a.is_open != b.is_open) {
    LabelSet& open = a.is_open ? a : b;
    for (const std::string& name : (a.is_open ? b : a).names) open.names.erase(name);
    if (!a.is_open) a.names = std::move(b.names);
    a.is_open = true;
  } else if (a.is_open) {
    std::erase_if(a.names, [&](const std::string& name) { return !b.names.contains(name); });
  } else {
    if (a.names.size() < b.names.size()) a.names.swap(b.names);
    a.names.insert(b.names.begin(), b.names.end());
  }
  std::erase_if(a.sure, [&](const auto& each) { return !b.sure.contains(each.first); });
  for (auto& [name, value] : a.sure) {
    if (value != b.sure.at(name)) value.reset();
  }
  a.spread = std::move(spread);
  return a;
}

LabelSet OfSelector(const Selector& selector, const Vocabulary* vocabulary) {
  LabelSet labels;
  labels.is_open = true;
  const auto facts = vocabulary == nullptr ? std::nullopt : vocabulary->Find(selector.metric());
  if (facts) {
    labels.is_open = false;
    labels.names = {facts->labels.begin(), facts->labels.end()};
    labels.names.insert(kMetricName);
    for (const std::string_view label : facts->always) labels.sure[std::string(label)] = std::nullopt;
    if (facts->is_bucket) labels.spread.insert("le");
  }
  for (const Matcher& m : selector.matchers) {
    if (m.op == MatchOp::kEqual && m.value.empty()) {
      labels.Remove(m.label);
    }
    if (MatchesEmpty(m)) continue;
    labels.Allow(m.label);
    auto& value = labels.sure[m.label];
    if (m.op == MatchOp::kEqual) value = m.value;
    if (m.op == MatchOp::kEqual || m.op == MatchOp::kRegex) labels.spread.erase(m.label);
  }
  return labels;
}

// absent() makes a series of what the selector asks for.
LabelSet OfAbsent(const Tree& tree, NodeId arg) {
  LabelSet labels;
  const auto* selector = std::get_if<Selector>(&tree[WithoutParens(tree, arg)].data);
  if (selector == nullptr) return labels;
  std::set<std::string> seen;
  for (const Matcher& m : selector->matchers) {
    if (m.label == kNameLabel) continue;
    if (m.op != MatchOp::kEqual || !seen.insert(m.label).second) {
      seen.insert(m.label);
      labels.Remove(m.label);
    } else if (!m.value.empty()) {
      labels.Allow(m.label);
      labels.sure[m.label] = m.value;
    }
  }
  return labels;
}

std::string_view TextOf(const Tree& tree, NodeId arg) {
  const auto* literal = std::get_if<StringLiteral>(&tree[WithoutParens(tree, arg)].data);
  return literal == nullptr ? std::string_view() : literal->value;
}

void ApplyLabelReplace(const Tree& tree, const Call& call, LabelSet& labels) {
  const std::string to(TextOf(tree, call.args[1]));
  const std::string_view with = TextOf(tree, call.args[2]);
  const std::string from(TextOf(tree, call.args[3]));
  const std::string_view pattern = TextOf(tree, call.args[4]);
  if (RegexError(pattern)) return;
  const bool always = pattern == ".*" || (!labels.may_have(from) && RegexMatches(pattern, ""));
  const bool is_constant = with.find('$') == std::string_view::npos;
  const bool was_there = labels.must_have(to);
  labels.spread.erase(to);
  labels.sure.erase(to);
  if (is_constant && with.empty()) {
    if (always) labels.Remove(to);
    return;
  }
  labels.Allow(to);
  if (is_constant && always) labels.sure[to] = std::string(with);
  if (is_constant && !always && was_there) labels.sure[to] = std::nullopt;
}

void ApplyLabelJoin(const Tree& tree, const Call& call, LabelSet& labels) {
  const std::string to(TextOf(tree, call.args[1]));
  bool is_sure = call.args.size() > 4 && !TextOf(tree, call.args[2]).empty();
  for (std::size_t i = 3; i < call.args.size(); ++i) {
    is_sure = is_sure || labels.must_have(std::string(TextOf(tree, call.args[i])));
  }
  labels.spread.erase(to);
  labels.Allow(to);
  labels.sure.erase(to);
  if (is_sure) labels.sure[to] = std::nullopt;
}

bool KeepsName(std::string_view function) {
  constexpr auto kKeep = std::to_array<std::string_view>(
      {"first_over_time", "label_join", "label_replace", "last_over_time", "sort", "sort_desc"});
  return std::find(kKeep.begin(), kKeep.end(), function) != kKeep.end();
}

// One node after the other, children first; what a parent takes over is moved.
class Walker {
 public:
  Walker(const Tree& tree, const Vocabulary* vocabulary)
      : tree_(tree), vocabulary_(vocabulary), sets_(tree.nodes.size()) {}

  LabelSet Run(const UseLabels& use) {
    const std::vector<NodeId> order = Preorder(tree_);
    for (auto id = order.rbegin(); id != order.rend(); ++id) {
      if (use) use(*id, sets_);
      LabelSet own = std::visit(*this, tree_[*id].data);
      ForEachChild(tree_[*id], [&](NodeId child) { sets_[child] = {}; });
      sets_[*id] = std::move(own);
    }
    return tree_.root == kNoNode ? LabelSet() : std::move(sets_[tree_.root]);
  }

  LabelSet operator()(const NumberLiteral&) { return {}; }
  LabelSet operator()(const StringLiteral&) { return {}; }
  LabelSet operator()(const Selector& selector) { return OfSelector(selector, vocabulary_); }
  LabelSet operator()(const Subquery& subquery) { return Take(subquery.expr); }
  LabelSet operator()(const Paren& paren) { return Take(paren.expr); }

  LabelSet operator()(const Unary& unary) {
    LabelSet labels = Take(unary.expr);
    if (unary.is_minus) labels.Remove(kMetricName);
    return labels;
  }

  LabelSet operator()(const Call& call) {
    const std::string_view name = call.function->name;
    if (name == "absent" || name == "absent_over_time") return OfAbsent(tree_, call.args[0]);
    if (call.function->returns == ValueType::kScalar) return {};
    LabelSet labels;
    for (const NodeId arg : call.args) {
      if (IsVector(arg)) labels = Take(arg);
    }
    if (name == "label_replace") ApplyLabelReplace(tree_, call, labels);
    if (name == "label_join") ApplyLabelJoin(tree_, call, labels);
    if (name == "histogram_quantile" || name == "histogram_fraction") labels.Remove("le");
    if (!KeepsName(name)) labels.Remove(kMetricName);
    return labels;
  }

  LabelSet operator()(const Aggregate& aggregate) {
    LabelSet labels = Take(aggregate.expr);
    if (aggregate.op == AggregateOp::kTopk || aggregate.op == AggregateOp::kBottomk) {
      labels.spread.clear();
      return labels;
    }
    if (aggregate.clause == Aggregate::Clause::kWithout) {
      for (const Label& label : aggregate.labels) labels.Remove(label.value);
      labels.Remove(kMetricName);
    } else {
      labels = Only(aggregate.labels, std::move(labels));
    }
    if (aggregate.op == AggregateOp::kCountValues) {
      const std::string counted(TextOf(tree_, aggregate.param));
      labels.Allow(counted);
      labels.sure[counted] = std::nullopt;
    }
    return labels;
  }

  LabelSet operator()(const Binary& binary) {
    const bool filters = IsComparison(binary.op) && !binary.returns_bool;
    if (!IsVector(binary.lhs) || !IsVector(binary.rhs)) {
      LabelSet labels = IsVector(binary.lhs) ? Take(binary.lhs) : Take(binary.rhs);
      if (filters) labels.spread.clear();
      if (!filters) labels.Remove(kMetricName);
      return labels;
    }
    if (binary.op == BinaryOp::kOr) return Unite(Take(binary.lhs), Take(binary.rhs));
    if (IsSetOperator(binary.op)) {
      LabelSet labels = Take(binary.lhs);
      labels.spread.clear();
      return labels;
    }
    const bool is_right = binary.matching.group == Matching::Group::kRight;
    LabelSet labels = Join(binary.matching, Take(is_right ? binary.rhs : binary.lhs),
                           Take(is_right ? binary.lhs : binary.rhs));
    if (filters) labels.spread.clear();
    if (!filters) labels.Remove(kMetricName);
    return labels;
  }

 private:
  bool IsVector(NodeId id) const {
    return tree_[id].type == ValueType::kInstantVector || tree_[id].type == ValueType::kRangeVector;
  }
  LabelSet Take(NodeId child) { return std::move(sets_[child]); }

  // `many` gives its labels to the result.
  static LabelSet Join(const Matching& matching, LabelSet many, const LabelSet& one) {
    const bool is_grouped = matching.group != Matching::Group::kNone;
    if (!is_grouped && matching.kind == Matching::Kind::kOn) {
      many = Only(matching.labels, std::move(many));
      for (const Label& label : matching.labels) TakeOver(label.value, one, many);
      return many;
    }
    if (!is_grouped) {
      for (const Label& label : matching.labels) many.Remove(label.value);
    }
    if (matching.kind == Matching::Kind::kOn) {
      for (const Label& label : matching.labels) TakeOver(label.value, one, many);
    } else {
      MatchTheRest(matching, one, many);
    }
    for (const Label& label : matching.include) {
      many.Remove(label.value);
      if (!one.may_have(label.value)) continue;
      many.Allow(label.value);
      if (const auto found = one.sure.find(label.value); found != one.sure.end()) many.sure.insert(*found);
    }
    return many;
  }

  // A label that is the same on both sides.
  static void TakeOver(const std::string& label, const LabelSet& one, LabelSet& many) {
    if (!one.may_have(label)) many.Remove(label);
    if (!many.may_have(label)) return;
    if (const auto found = one.sure.find(label); found != one.sure.end()) many.sure.insert(*found);
  }

  // All labels are the same on both sides, but the name and those that are ignored.
  static void MatchTheRest(const Matching& matching, const LabelSet& one, LabelSet& many) {
    std::vector<std::string> ignored = {kMetricName};
    for (const Label& label : matching.labels) ignored.push_back(label.value);
    std::erase_if(ignored, [&](const std::string& name) { return !many.may_have(name); });
    std::map<std::string, std::optional<std::string>> kept;
    for (const std::string& name : ignored) {
      if (const auto found = many.sure.find(name); found != many.sure.end()) kept.insert(*found);
    }
    const std::set<std::string> spread = many.spread;
    Intersect(many, one);
    KeepOnly(many, [&](const std::string& name) { return many.may_have(name); });
    for (const auto& each : one.sure) {
      if (IsMatchedOn(matching, each.first) && many.may_have(each.first)) many.sure.insert(each);
    }
    for (const std::string& name : ignored) {
      many.Allow(name);
      if (spread.contains(name)) many.spread.insert(name);
    }
    many.sure.insert(kept.begin(), kept.end());
  }

  const Tree& tree_;
  const Vocabulary* vocabulary_;
  std::vector<LabelSet> sets_;
};

}  // namespace

void LabelSet::Remove(const std::string& label) {
  if (is_open) {
    names.insert(label);
  } else {
    names.erase(label);
  }
  sure.erase(label);
  spread.erase(label);
}

void LabelSet::Allow(const std::string& label) {
  if (is_open) {
    names.erase(label);
  } else {
    names.insert(label);
  }
}

std::string Describe(const LabelSet& labels) {
  std::vector<std::string> shown;
  for (const std::string& name : labels.names) {
    if (name != kNameLabel) shown.push_back(Printable(name));
  }
  const std::string list = Join(shown, ", ");
  if (labels.is_open) return list.empty() ? "any" : "any but " + list;
  return list.empty() ? "none" : "only " + list;
}

LabelSet WalkLabels(const Tree& tree, const Vocabulary* vocabulary, const UseLabels& use) {
  return Walker(tree, vocabulary).Run(use);
}

LabelSet OutputLabels(const Tree& tree, const Vocabulary* vocabulary) {
  return WalkLabels(tree, vocabulary, nullptr);
}

bool IsMatchedOn(const Matching& matching, const std::string& label) {
  if (matching.kind == Matching::Kind::kOn) return Lists(matching.labels, label);
  return label != kNameLabel && !Lists(matching.labels, label);
}

}  // namespace fleet::promql
