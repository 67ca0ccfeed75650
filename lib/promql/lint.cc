#include "lib/promql/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "lib/base/text.h"
#include "lib/promql/check.h"
#include "lib/promql/functions.h"
#include "lib/promql/lint_parts.h"
#include "lib/promql/print.h"
#include "lib/promql/visit.h"

namespace fleet::promql {
namespace {

constexpr LintCheck kLintChecks[] = {
    {"rate-of-gauge", Severity::kError,
     "`rate`, `increase`, `irate` or `resets` of a gauge, whose every fall counts as a restart",
     "rate(fleet_queue_depth[5m])"},
    {"delta-of-counter", Severity::kWarning,
     "`delta`, `idelta`, `deriv` or `predict_linear` of a counter, which is wrong after a restart",
     "delta(fleet_tasks_assigned_total[5m])"},
    {"counter-without-rate", Severity::kWarning,
     "the total of a counter, which depends on when its process started",
     "sum(fleet_tasks_assigned_total) > 100"},
    {"label-lost", Severity::kWarning,
     "a label of `by`, `on`, `group_left`, `label_replace` or `label_join` that was aggregated away, or "
     "that the metric does not have",
     "sum by (queue) (sum by (priority) (fleet_queue_depth))"},
    {"le-lost", Severity::kError, "`histogram_quantile` of buckets without their label `le`",
     "histogram_quantile(0.9, sum by (outcome) (rate(fleet_run_duration_seconds_bucket[5m])))"},
    {"comparison-constant", Severity::kWarning, "a comparison that is always or never true",
     "count(fleet_queue_depth) == 0"},
    {"range-short", Severity::kWarning,
     "a window below four scrapes, which one failed scrape can empty; where the interval is known",
     "rate(fleet_tasks_assigned_total[30s])"},
    {"regex-any", Severity::kWarning, "a pattern that matches everything, or excludes it",
     "fleet_queue_depth{queue=~\".*\"}"},
    {"metric-unknown", Severity::kError, "a metric that only the catalog could know, and does not",
     "fleet_queue_dept"},
    {"metric-misspelt", Severity::kWarning, "a metric of others whose name is nearly one of the catalog",
     "flet_queue_depth"},
    {"label-unknown", Severity::kError, "a matcher of a label that the metric does not have",
     "fleet_queue_depth{que=\"a\"}"},
    {"matching-impossible", Severity::kError,
     "two sides that no series can match: one always has a label, or a value, that the other never has",
     "fleet_queue_depth / sum(fleet_queue_depth)"},
    {"matching-ambiguous", Severity::kError,
     "several series of a side that differ only in a label that is not matched on: the buckets of a "
     "histogram",
     "rate(fleet_run_duration_seconds_bucket[5m]) / ignoring (le) "
     "rate(fleet_run_duration_seconds_count[5m])"},
};

bool IsOneOf(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr auto kGrowth = std::to_array<std::string_view>({"increase", "irate", "rate", "resets"});
constexpr auto kSlopes = std::to_array<std::string_view>({"delta", "deriv", "idelta", "predict_linear"});
// They say something of a counter that does not depend on how high it is.
constexpr auto kOfAnyHeight = std::to_array<std::string_view>(
    {"absent", "absent_over_time", "changes", "count_over_time", "delta", "deriv", "idelta", "increase",
     "irate", "predict_linear", "present_over_time", "rate", "resets", "timestamp"});

// Which a typing error, and not another project, makes of a name.
constexpr std::size_t kFewestLetters = 8;
constexpr std::size_t kMostSlips = 2;

// The one metric below `id`; empty when there are several, or none that is known.
std::string_view OnlyMetric(const Tree& tree, NodeId id) {
  while (true) {
    if (const auto* selector = std::get_if<Selector>(&tree[id].data)) return selector->metric();
    NodeId only = kNoNode;
    int vectors = 0;
    ForEachChild(tree[id], [&](NodeId child) {
      if (tree[child].type != ValueType::kInstantVector && tree[child].type != ValueType::kRangeVector)
        return;
      only = child;
      ++vectors;
    });
    if (vectors != 1) return {};
    id = only;
  }
}

// A counter beside itself at another time: what matters is how far it went.
bool ComparesWithItself(const Tree& tree, const Binary& binary) {
  if (binary.op != BinaryOp::kSub && !IsComparison(binary.op)) return false;
  const std::string_view metric = OnlyMetric(tree, binary.lhs);
  return !metric.empty() && metric == OnlyMetric(tree, binary.rhs);
}

// Whether the result of `parent` depends on how high its child's counters are.
bool PassesHeight(const Tree& tree, NodeId parent, NodeId child) {
  const auto& data = tree[parent].data;
  if (const auto* call = std::get_if<Call>(&data)) return !IsOneOf(call->function->name, kOfAnyHeight);
  if (const auto* aggregate = std::get_if<Aggregate>(&data)) {
    return aggregate->op != AggregateOp::kCount && aggregate->op != AggregateOp::kGroup;
  }
  const auto* binary = std::get_if<Binary>(&data);
  if (binary == nullptr) return true;
  const bool filters = binary->op == BinaryOp::kAnd || binary->op == BinaryOp::kUnless;
  return !(filters && binary->rhs == child) && !ComparesWithItself(tree, *binary);
}

class NodeLint {
 public:
  explicit NodeLint(LintContext& context) : context_(context), tree_(context.tree) {}

  void Run(NodeId id) {
    const auto& data = tree_[id].data;
    if (const auto* selector = std::get_if<Selector>(&data)) LintSelector(id, *selector);
    if (const auto* call = std::get_if<Call>(&data)) LintCall(id, *call);
  }

 private:
  std::optional<MetricFacts> Find(std::string_view metric) const {
    const Vocabulary* vocabulary = context_.options.vocabulary;
    return vocabulary == nullptr ? std::nullopt : vocabulary->Find(metric);
  }

  void LintSelector(NodeId id, const Selector& selector) {
    for (const Matcher& m : selector.matchers) LintPattern(m);
    const auto facts = Find(selector.metric());
    if (!facts) return LintName(NameSpan(id, selector), selector.metric());
    for (const Matcher& m : selector.matchers) {
      if (m.label == kNameLabel || IsOneOf(m.label, facts->labels)) continue;
      Diagnostic& diagnostic =
          context_.Report("label-unknown", m.span,
                          fmt::format("{} has no label '{}'", selector.metric(), Printable(m.label)));
      SuggestClosest(diagnostic, m.label, facts->labels);
      if (diagnostic.notes.empty()) {
        diagnostic.notes.push_back(fmt::format("it has: {}", fmt::join(facts->labels, ", ")));
      }
    }
    if (facts->kind == MetricKind::kCounter && !context_.options.is_operand && context_.height_matters[id]) {
      context_.Report("counter-without-rate", NameSpan(id, selector),
                      fmt::format("{} is a counter: its total says nothing without rate() or increase()",
                                  selector.metric()));
    }
  }

  // The name where it stands alone, else the whole selector.
  Span NameSpan(NodeId id, const Selector& selector) const {
    return selector.name.empty() ? tree_[id].span : selector.matchers.front().span;
  }

  void LintName(Span span, std::string_view metric) {
    const Vocabulary* vocabulary = context_.options.vocabulary;
    if (vocabulary == nullptr || metric.empty()) return;
    const std::vector<std::string_view> names = vocabulary->Names();
    if (vocabulary->Owns(metric)) {
      Diagnostic& diagnostic = context_.Report(
          "metric-unknown", span, fmt::format("no metric '{}' in the catalog", Printable(metric)));
      SuggestClosest(diagnostic, metric, names);
      return;
    }
    const auto closest = ClosestMatch(metric, names);
    if (!closest || metric.size() < kFewestLetters || EditDistance(metric, *closest) > kMostSlips) return;
    context_
        .Report("metric-misspelt", span,
                fmt::format("the catalog has no metric '{}', but one that is called nearly so",
                            Printable(metric)))
        .notes.push_back(fmt::format("did you mean '{}'?", *closest));
  }

  void LintPattern(const Matcher& m) {
    if ((m.op != MatchOp::kRegex && m.op != MatchOp::kNotRegex) || !MatchesAll(m.value)) return;
    context_.Report(
        "regex-any", m.span,
        m.op == MatchOp::kRegex
            ? fmt::format("this pattern matches every '{}', and series without one", Printable(m.label))
            : fmt::format("no series has a '{}' that this pattern does not match", Printable(m.label)));
  }

  // `.*`, also between anchors, in groups, or as one of several.
  static bool MatchesAll(std::string_view pattern) {
    while (true) {
      if (pattern.starts_with('^')) {
        pattern.remove_prefix(1);
      } else if (pattern.ends_with('$') && !pattern.ends_with("\\$")) {
        pattern.remove_suffix(1);
      } else if (pattern.starts_with('(') && pattern.find_first_of("()", 1) == pattern.size() - 1) {
        pattern = pattern.substr(1, pattern.size() - 2);
        if (pattern.starts_with("?:")) pattern.remove_prefix(2);
      } else {
        break;
      }
    }
    if (pattern.find_first_of("()[]\\") != std::string_view::npos) return false;
    const auto parts = Split(pattern, '|');
    return std::find(parts.begin(), parts.end(), ".*") != parts.end();
  }

  void LintCall(NodeId id, const Call& call) {
    const std::string_view function = call.function->name;
    const bool grows = IsOneOf(function, kGrowth);
    const bool slopes = IsOneOf(function, kSlopes);
    if (!grows && !slopes) return;
    const NodeId arg = WithoutParens(tree_, call.args[0]);
    const auto* selector = std::get_if<Selector>(&tree_[arg].data);
    if (selector == nullptr) return;
    const auto facts = Find(selector->metric());
    if (facts && facts->kind == MetricKind::kGauge && grows) {
      context_
          .Report(
              "rate-of-gauge", tree_[id].span,
              fmt::format("{} is a gauge: {}() takes its falls for restarts", selector->metric(), function))
          .notes.emplace_back(function == "resets" ? "use changes()" : "use delta() or deriv()");
    }
    if (facts && facts->kind == MetricKind::kCounter && slopes) {
      context_
          .Report("delta-of-counter", tree_[id].span,
                  fmt::format("{} is a counter: {}() is wrong when it starts again", selector->metric(),
                              function))
          .notes.emplace_back("use increase() or rate()");
    }
    LintRange(function, *selector);
  }

  // Recorded metrics, which have a colon, are evaluated and not scraped.
  void LintRange(std::string_view function, const Selector& selector) {
    const double least = 4 * context_.options.scrape_interval;
    const bool is_recorded = selector.metric().find(':') != std::string_view::npos;
    if (is_recorded || !selector.range || !selector.range->is_constant()) return;
    if (selector.range->seconds >= least) return;
    DurationSpec wanted;
    wanted.seconds = least;
    context_.Report("range-short", selector.range->span,
                    fmt::format("{}() over {} is empty when a scrape fails: four scrapes take {}", function,
                                Print(*selector.range), Print(wanted)));
  }

  LintContext& context_;
  const Tree& tree_;
};

}  // namespace

std::span<const LintCheck> LintChecks() { return kLintChecks; }

Diagnostic& LintContext::Report(std::string_view id, Span span, std::string text) {
  const auto* row = std::find_if(std::begin(kLintChecks), std::end(kLintChecks),
                                 [&](const LintCheck& check) { return check.id == id; });
  found.push_back({row->severity, span, std::move(text), std::string(id), {}});
  return found.back();
}

std::vector<Diagnostic> Lint(const Tree& tree, const LintOptions& options) {
  LintContext context{tree, options, std::vector<bool>(tree.nodes.size(), true), {}};
  NodeLint nodes(context);
  Visit(tree, [&](NodeId id, const Node&, NodeId parent) {
    if (parent != kNoNode) {
      context.height_matters[id] = context.height_matters[parent] && PassesHeight(tree, parent, id);
    }
    nodes.Run(id);
  });
  LintComparisons(context);
  WalkLabels(tree, options.vocabulary,
             [&](NodeId id, const std::vector<LabelSet>& sets) { LintLabels(context, id, sets); });
  std::stable_sort(context.found.begin(), context.found.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.span.begin < b.span.begin; });
  return std::move(context.found);
}

}  // namespace fleet::promql
