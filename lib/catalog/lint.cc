// A rule is one function, one entry in kChecks and one case in lint_test.cc.
#include "lib/catalog/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <set>

#include "lib/base/text.h"
#include "lib/catalog/catalog.h"

namespace fleet::catalog {
namespace {

// Longer values make series names nobody can read, and Prometheus can be set to refuse them.
constexpr std::size_t kMaxValueBytes = 128;

// What one metric has wrong; checks only add.
class Findings {
 public:
  Findings(const MetricDef& metric, std::vector<std::string>* messages)
      : metric_(metric), messages_(messages) {}

  void Add(std::string_view text) const {
    messages_->push_back(fmt::format("metric '{}': {}", Printable(metric_.name), text));
  }

 private:
  const MetricDef& metric_;
  std::vector<std::string>* messages_;
};

using Check = void (*)(const MetricDef&, const Findings&);

// Lower-case words and digits with single underscores between them.
bool IsSnakeCase(std::string_view name) {
  const auto is_valid = [&](char c) { return IsLower(c) || IsDigit(c) || c == '_'; };
  return !name.empty() && IsLower(name.front()) && name.back() != '_' &&
         std::ranges::all_of(name, is_valid) && name.find("__") == std::string_view::npos;
}

// The name without the '_total' of a counter: where the unit stands.
std::string_view Stem(const MetricDef& metric) {
  std::string_view name = metric.name;
  constexpr std::string_view kTotal = "_total";
  if (metric.type == MetricType::kCounter && name.ends_with(kTotal)) name.remove_suffix(kTotal.size());
  return name;
}

// What there is room for, also when the list claims more.
std::span<const LabelDef> Labels(const MetricDef& metric) {
  return {metric.labels.begin(), std::min(metric.labels.size, kMaxLabels)};
}

// Ids of people count, too.
bool IsId(std::string_view label) { return label.ends_with("_id") || label == "user"; }

// Prometheus would also take capitals, and colons, which mark what a recording rule made.
void CheckSnakeCase(const MetricDef& metric, const Findings& findings) {
  if (!IsSnakeCase(metric.name)) {
    findings.Add("the name is not snake_case; use lower-case words, digits and single underscores");
  }
}

void CheckPrefix(const MetricDef& metric, const Findings& findings) {
  if (metric.name.starts_with("fleet_")) {
    findings.Add("the name carries a namespace; drop 'fleet_', it is added when the metric is exported");
  }
}

// OpenMetrics parsers refuse a counter without the suffix; people take anything with it for a counter.
void CheckTotal(const MetricDef& metric, const Findings& findings) {
  const bool is_counter = metric.type == MetricType::kCounter;
  const bool ends_in_total = metric.name.ends_with("_total");
  if (is_counter && !ends_in_total) {
    findings.Add(fmt::format("a counter ends in '_total'; rename it to '{}_total'", Printable(metric.name)));
  } else if (!is_counter && ends_in_total) {
    findings.Add(
        fmt::format("'_total' is for counters and this is a {}; drop the suffix or make it a counter",
                    Name(metric.type)));
  }
}

struct UnitSuffix {
  Unit unit;
  std::string_view suffix;
  std::string_view text;
};

// The first match wins: a time stamp ends in '_seconds', too.
constexpr UnitSuffix kUnitSuffixes[] = {
    {Unit::kUnixSeconds, "_timestamp_seconds", "unix seconds"},
    {Unit::kSeconds, "_seconds", "seconds"},
    {Unit::kBytes, "_bytes", "bytes"},
    {Unit::kRatio, "_ratio", "ratio"},
    {Unit::kCores, "_cores", "cores"},
};

// OpenMetrics: a family with a unit ends in it. Without one, the name must not claim one.
void CheckUnitSuffix(const MetricDef& metric, const Findings& findings) {
  const std::string_view stem = Stem(metric);
  const auto is_suffix = [&](const UnitSuffix& entry) { return stem.ends_with(entry.suffix); };
  const auto named = std::ranges::find_if(kUnitSuffixes, is_suffix);
  const auto wanted = std::ranges::find(kUnitSuffixes, metric.unit, &UnitSuffix::unit);
  if (named == wanted) return;
  if (wanted == std::end(kUnitSuffixes)) {
    findings.Add(fmt::format("the name says '{}' and there is no unit; set the unit to {} or rename it",
                             named->suffix, named->text));
    return;
  }
  const std::string_view total = metric.type == MetricType::kCounter ? "_total" : "";
  findings.Add(fmt::format("the unit is {}; end the name in '{}{}' or change the unit", wanted->text,
                           wanted->suffix, total));
}

// Dashboards scale base units by themselves; a mix of ms and s cannot be compared.
void CheckBaseUnit(const MetricDef& metric, const Findings& findings) {
  constexpr std::string_view kNotBase[] = {
      "nanoseconds", "microseconds", "milliseconds", "ns",        "us",        "usec",    "ms",
      "msec",        "minutes",      "hours",        "days",      "kilobytes", "kb",      "megabytes",
      "mb",          "gigabytes",    "gb",           "kibibytes", "mebibytes", "percent", "percentage"};
  const std::string_view stem = Stem(metric);
  const std::string_view last = stem.substr(stem.rfind('_') + 1);
  if (std::ranges::find(kNotBase, last) != std::end(kNotBase)) {
    findings.Add(fmt::format("'{}' is not a base unit; export seconds, bytes, ratio or cores", last));
  }
}

void CheckUnitOfType(const MetricDef& metric, const Findings& findings) {
  if (metric.unit == Unit::kUnixSeconds && metric.type != MetricType::kGauge) {
    findings.Add("a point in time is neither counted nor observed; make it a gauge");
  }
  const bool can_fall = metric.unit == Unit::kRatio || metric.unit == Unit::kCores;
  if (can_fall && metric.type == MetricType::kCounter) {
    findings.Add(fmt::format("{} do not add up over time; make it a gauge",
                             metric.unit == Unit::kRatio ? "ratios" : "cores"));
  }
}

// Scrapers would take such a series for a part of another family.
void CheckReservedSuffix(const MetricDef& metric, const Findings& findings) {
  for (const std::string_view suffix : {"_bucket", "_sum", "_count", "_created"}) {
    if (metric.name.ends_with(suffix)) {
      findings.Add(fmt::format("'{}' is for the series of histograms and counters; rename it", suffix));
    }
  }
}

// Queries multiply by info metrics to get at their labels, so the value must be 1.
void CheckInfo(const MetricDef& metric, const Findings& findings) {
  if (!metric.name.ends_with("_info")) return;
  if (metric.type != MetricType::kGauge || metric.unit != Unit::kNone) {
    findings.Add("'_info' is for gauges that are always 1; make it a gauge without a unit or rename it");
  }
}

// HELP must read the same in every format; prometheus-cpp and others do not escape it.
void CheckHelp(const MetricDef& metric, const Findings& findings) {
  if (metric.help.empty()) findings.Add("the help is empty; say in one sentence what is measured");
  if (HasControlCharacter(metric.help) || !IsValidUtf8(metric.help)) {
    findings.Add(
        "the help has a line feed, another control character or invalid UTF-8; write one plain line");
  }
  if (metric.help.find('\\') != std::string_view::npos) {
    findings.Add("the help has a backslash, which formats escape differently; drop it");
  }
  if (metric.help.ends_with('.')) findings.Add("the help ends in a full stop; drop it");
}

void CheckLabelCount(const MetricDef& metric, const Findings& findings) {
  if (metric.labels.size > kMaxLabels) {
    findings.Add(fmt::format("{} labels; keep {} at most", metric.labels.size, kMaxLabels));
  }
}

// Prometheus adds the labels of the target when it scrapes and renames ours to exported_x on a clash;
// le and quantile are set by the format.
void CheckLabelNames(const MetricDef& metric, const Findings& findings) {
  constexpr std::string_view kTaken[] = {"type", "instance", "job", "service", "env", "le", "quantile"};
  for (const LabelDef& label : Labels(metric)) {
    if (label.name.starts_with("__")) {
      findings.Add(fmt::format("label '{}' starts with '__', which Prometheus keeps for itself; rename it",
                               Printable(label.name)));
    } else if (!IsSnakeCase(label.name)) {
      findings.Add(
          fmt::format("label '{}' is not snake_case; use lower-case words, digits and single "
                      "underscores",
                      Printable(label.name)));
    } else if (std::ranges::find(kTaken, label.name) != std::end(kTaken)) {
      findings.Add(fmt::format("label '{}' belongs to the target or to the format; rename it", label.name));
    }
  }
}

void CheckDistinctLabels(const MetricDef& metric, const Findings& findings) {
  std::set<std::string_view> seen;
  for (const LabelDef& label : Labels(metric)) {
    if (!seen.insert(label.name).second) {
      findings.Add(fmt::format("label '{}' is there twice; drop one", Printable(label.name)));
    }
  }
}

// What has no bound grows until it breaks the exporter or the Prometheus behind it.
void CheckLabelBounds(const MetricDef& metric, const Findings& findings) {
  for (const LabelDef& label : Labels(metric)) {
    const std::string name = Printable(label.name);
    if (label.bound <= 0) {
      findings.Add(fmt::format("label '{}' has no bound; say how many values it may have", name));
    } else if (label.values.size() > static_cast<std::size_t>(label.bound)) {
      findings.Add(fmt::format("label '{}' has {} values and a bound of {}; raise the bound", name,
                               label.values.size(), label.bound));
    }
  }
}

bool IsGoodValue(std::string_view value) {
  return !value.empty() && value.size() <= kMaxValueBytes && IsValidUtf8(value) &&
         !HasControlCharacter(value);
}

void CheckLabelValues(const MetricDef& metric, const Findings& findings) {
  for (const LabelDef& label : Labels(metric)) {
    const std::string name = Printable(label.name);
    std::set<std::string_view> seen;
    for (const std::string_view value : label.values) {
      if (!IsGoodValue(value)) {
        findings.Add(
            fmt::format("label '{}' has the value '{}'; use 1 to {} bytes of UTF-8 without control "
                        "characters",
                        name, Printable(value), kMaxValueBytes));
      } else if (!seen.insert(value).second) {
        findings.Add(fmt::format("label '{}' has the value '{}' twice; drop one", name, value));
      }
    }
    // Senders will find reasons nobody thought of; they need a place that is not a wrong one.
    if (label.name == "reason" && !label.values.empty() && !seen.contains("other")) {
      findings.Add("label 'reason' has a closed set without 'other'; add it");
    }
  }
}

void CheckBuckets(const MetricDef& metric, const Findings& findings) {
  const bool is_histogram = metric.type == MetricType::kHistogram;
  const bool has_buckets = metric.buckets != BucketSet::kNone;
  if (is_histogram && !has_buckets) findings.Add("a histogram without buckets; name a bucket set");
  if (!is_histogram && has_buckets) {
    findings.Add(fmt::format("buckets on a {}; drop them or make it a histogram", Name(metric.type)));
  }
}

// The cap on entities protects the aggregates only if no id hides among them.
void CheckScope(const MetricDef& metric, const Findings& findings) {
  const auto labels = Labels(metric);
  const auto id = std::ranges::find_if(labels, IsId, &LabelDef::name);
  if (metric.scope == Scope::kEntity && id == labels.end()) {
    findings.Add("an entity metric without an id; add a label '..._id' or 'user'");
  }
  if (metric.scope == Scope::kAggregate && id != labels.end()) {
    findings.Add(fmt::format("label '{}' names single entities; drop it or make this an entity metric",
                             Printable(id->name)));
  }
  if (metric.scope == Scope::kAggregate && !metric.on_by_default) {
    findings.Add("an aggregate that is off by default; aggregates are always exported");
  }
}

constexpr Check kChecks[] = {
    CheckSnakeCase,   CheckPrefix,      CheckTotal,          CheckUnitSuffix,
    CheckBaseUnit,    CheckUnitOfType,  CheckReservedSuffix, CheckInfo,
    CheckHelp,        CheckLabelCount,  CheckLabelNames,     CheckDistinctLabels,
    CheckLabelBounds, CheckLabelValues, CheckBuckets,        CheckScope,
};

// Every name a metric takes: its series, and in OpenMetrics its family (x of x_total) and x_created.
std::vector<std::string> TakenNames(const MetricDef& metric) {
  const std::string name(metric.name);
  const std::string stem(Stem(metric));
  switch (metric.type) {
    case MetricType::kGauge:
      return {name};
    case MetricType::kCounter:
      if (stem == name) return {name, stem + "_created"};
      return {name, stem, stem + "_created"};
    case MetricType::kHistogram:
      return {name, name + "_bucket", name + "_sum", name + "_count", name + "_created"};
  }
  return {};
}

// The first metric to take a name keeps it, so one slip gives one message for each pair.
void CheckNamesDiffer(std::span<const MetricDef> metrics, std::vector<std::string>* messages) {
  std::map<std::string, std::string_view> owners;
  for (const MetricDef& metric : metrics) {
    const Findings findings(metric, messages);
    std::set<std::string_view> reported;
    for (const std::string& name : TakenNames(metric)) {
      const auto [it, is_new] = owners.emplace(name, metric.name);
      if (is_new || !reported.insert(it->second).second) continue;
      if (it->second == metric.name) {
        findings.Add("the name is there twice; rename or drop one");
      } else {
        findings.Add(fmt::format("'{}' also belongs to metric '{}'; rename one of them", Printable(name),
                                 Printable(it->second)));
      }
    }
  }
}

}  // namespace

std::vector<std::string> LintBounds(std::string_view set, std::span<const double> bounds) {
  std::vector<std::string> messages;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    if (!std::isfinite(bounds[i])) {
      messages.push_back(fmt::format("bucket set '{}': the bound {} is not finite; drop it, +Inf is implied",
                                     Printable(set), FormatBound(bounds[i])));
    } else if (i > 0 && bounds[i] <= bounds[i - 1]) {
      messages.push_back(fmt::format("bucket set '{}': {} does not come after {}; sort the bounds",
                                     Printable(set), FormatBound(bounds[i]), FormatBound(bounds[i - 1])));
    }
  }
  return messages;
}

std::vector<std::string> Lint(std::span<const MetricDef> metrics) {
  std::vector<std::string> messages;
  std::set<BucketSet> sets;
  for (const MetricDef& metric : metrics) {
    const Findings findings(metric, &messages);
    for (const Check check : kChecks) check(metric, findings);
    if (!sets.insert(metric.buckets).second) continue;  // one message for a set, not for each user of it
    for (std::string& message : LintBounds(Name(metric.buckets), Bounds(metric.buckets))) {
      messages.push_back(std::move(message));
    }
  }
  CheckNamesDiffer(metrics, &messages);
  return messages;
}

}  // namespace fleet::catalog
