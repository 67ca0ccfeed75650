#include "exporter/fleet/custom_metrics.h"

#include <fmt/format.h>

#include <algorithm>

#include "exporter/fleet/histogram_delta.h"
#include "lib/base/text.h"
#include "lib/catalog/catalog.h"
#include "lib/catalog/lint.h"

namespace fleet {

using enum Field;
using catalog::MetricType;

namespace {

constexpr std::string_view kGroup = "custom";
constexpr std::string_view kOther = "other";
// Series that exist from the start, of one family: more zeros than that help nobody.
constexpr std::size_t kMostFromStart = 200;

bool IsIn(const std::vector<std::string>& values, std::string_view text) {
  return std::ranges::find(values, text) != values.end();
}

Refusal Wrong(std::string why) { return {"invalid_value", "data.labels: " + std::move(why)}; }

// The labels of an event: they come as name, value, name, value.
std::map<std::string_view, std::string_view> LabelsOf(const Event& event) {
  std::map<std::string_view, std::string_view> labels;
  std::string_view name;
  bool is_name = true;
  for (const FieldValue& value : event.values()) {
    if (value.field != kLabels) continue;
    if (is_name) name = value.text;
    if (!is_name) labels.emplace(name, value.text);
    is_name = !is_name;
  }
  return labels;
}

// A row of the catalog made of a declaration, for lint; the texts stay where they are.
struct LintRow {
  std::vector<std::vector<std::string_view>> values;
  catalog::MetricDef def;

  explicit LintRow(const CustomMetric& metric) {
    def.name = metric.name;
    def.type = metric.type;
    def.unit = metric.unit;
    def.help = metric.help;
    if (!metric.bounds.empty()) def.buckets = catalog::BucketSet::kLatency;
    values.resize(metric.labels.size());
    def.labels.size = metric.labels.size();
    for (std::size_t i = 0; i < std::min(metric.labels.size(), catalog::kMaxLabels); ++i) {
      const CustomLabel& label = metric.labels[i];
      values[i].assign(label.values.begin(), label.values.end());
      const int bound = label.values.empty() ? label.bound : static_cast<int>(label.values.size());
      def.labels.defs[i] = {label.name, values[i], bound};
    }
  }
};

}  // namespace

std::vector<std::string> LintCustomMetrics(std::span<const CustomMetric> metrics) {
  std::vector<LintRow> rows(metrics.begin(), metrics.end());
  std::vector<catalog::MetricDef> all(std::begin(catalog::kMetrics), std::end(catalog::kMetrics));
  for (const LintRow& row : rows) all.push_back(row.def);
  std::vector<std::string> messages = catalog::Lint(all);
  for (const CustomMetric& metric : metrics) {
    for (const std::string& message : catalog::LintBounds(metric.name, metric.bounds)) {
      messages.push_back(fmt::format("metric '{}': {}", Printable(metric.name), message));
    }
  }
  return messages;
}

CustomMetrics::CustomMetrics(Series& series, std::string_view metric_namespace)
    : series_(&series), namespace_(metric_namespace) {}

void CustomMetrics::Declare(const std::vector<CustomMetric>& metrics) {
  std::vector<Declared> declared;
  for (const CustomMetric& metric : metrics) {
    Declared* const known = Find(metric.name);
    if (known != nullptr && known->metric == metric) {
      declared.push_back(std::move(*known));
      known->metric.name.clear();
      continue;
    }
    Declared& added = declared.emplace_back();
    added.metric = metric;
    added.header = HeaderOf(metric);
    added.seen.resize(metric.labels.size());
    AddFromStart(added);
  }
  declared_ = std::move(declared);
}

const FamilyHeader* CustomMetrics::HeaderOf(const CustomMetric& metric) {
  FamilyHeader header{namespace_ + "_" + metric.name, metric.type, metric.unit, metric.help, metric.bounds};
  for (const auto& known : headers_) {
    const bool equal = known->name == header.name && known->type == header.type &&
                       known->unit == header.unit && known->help == header.help &&
                       known->bounds == header.bounds;
    if (equal) return known.get();
  }
  return headers_.emplace_back(std::make_unique<const FamilyHeader>(std::move(header))).get();
}

CustomMetrics::Declared* CustomMetrics::Find(std::string_view name) {
  const auto it = std::ranges::find(declared_, name, [](const Declared& d) { return d.metric.name; });
  return it == declared_.end() ? nullptr : &*it;
}

// What is counted starts from 0, so that no first increment is lost; what is told is unknown before.
void CustomMetrics::AddFromStart(Declared& declared) {
  if (declared.metric.IsAsTold()) return;
  std::vector<LabelTexts> all{{}};
  for (const CustomLabel& label : declared.metric.labels) {
    std::vector<LabelTexts> longer;
    for (const LabelTexts& texts : all) {
      for (const std::string& value : label.values) {
        longer.push_back(texts);
        longer.back().push_back(value);
      }
    }
    all = std::move(longer);  // none when the label is open
    if (all.size() > kMostFromStart) return;
  }
  for (const LabelTexts& texts : all) FindOrAdd(declared, texts);
}

Refused CustomMetrics::Received(const Event& event, UnixMillis at) {
  Declared* const declared = Find(event.Text(kName));
  if (declared == nullptr) {
    return Refusal{"unknown_metric",
                   fmt::format("no metric '{}' is declared in the configuration", event.Text(kName))};
  }
  if (event.observed && !declared->metric.IsAsTold()) {
    return Refusal{"invalid_value", fmt::format("'{}' is neither a gauge nor a cumulative counter: what is "
                                                "read with every scrape cannot be counted",
                                                event.Text(kName))};
  }
  if (HasDelta(event)) {
    if (declared->metric.type != MetricType::kHistogram) {
      return Refusal{"invalid_value", fmt::format("data.bounds: '{}' is no histogram", event.Text(kName))};
    }
    if (Refused refused = CheckDelta(event, declared->metric.bounds)) return refused;
  } else if (!event.Has(kValue)) {
    return Refusal{"missing_field", "data.value: missing"};
  }
  LabelTexts texts;
  if (Refused refused = ReadLabels(*declared, event, texts)) return refused;
  if (Refused refused = Fold(*declared, texts)) return refused;
  Numbers* const numbers = FindOrAdd(*declared, texts);
  if (numbers == nullptr) {
    return DropSeries(fmt::format("series of '{}'", event.Text(kName)), declared->metric.max_series);
  }
  Add(*declared, *numbers, event, at);
  return std::nullopt;
}

Refused CustomMetrics::ReadLabels(Declared& declared, const Event& event, LabelTexts& texts) {
  auto given = LabelsOf(event);
  for (const CustomLabel& label : declared.metric.labels) {
    const auto it = given.find(label.name);
    if (it == given.end()) return Wrong(fmt::format("'{}' is missing", label.name));
    std::string_view text = it->second;
    if (!label.values.empty() && !IsIn(label.values, text)) {
      if (!IsIn(label.values, kOther) || declared.metric.cumulative) {
        return Wrong(fmt::format("'{}' must be one of {}, not '{}'", label.name, Join(label.values, ", "),
                                 Printable(text)));
      }
      text = kOther;
    }
    texts.emplace_back(text);
    given.erase(it);
  }
  if (given.empty()) return std::nullopt;
  return Wrong(fmt::format("'{}' is no label of '{}'", Printable(given.begin()->first), event.Text(kName)));
}

// Values beyond the bound become `other`, except of running totals: in one series they would be resets.
Refused CustomMetrics::Fold(Declared& declared, LabelTexts& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const CustomLabel& label = declared.metric.labels[i];
    if (!label.values.empty() || texts[i] == kOther || declared.seen[i].contains(texts[i])) continue;
    if (declared.seen[i].size() < static_cast<std::size_t>(label.bound)) {
      declared.seen[i].insert(texts[i]);
    } else if (declared.metric.cumulative) {
      return DropSeries(fmt::format("values of '{}'", label.name), label.bound);
    } else {
      series_->CountFolded(label.name);
      texts[i] = kOther;
    }
  }
  return std::nullopt;
}

Refusal CustomMetrics::DropSeries(std::string_view what, int limit) {
  series_->Count<"exporter_series_dropped_total">(1, kGroup);
  return TooMany(what, limit);
}

CustomMetrics::Numbers* CustomMetrics::FindOrAdd(Declared& declared, const LabelTexts& texts) {
  const auto known = declared.series.find(texts);
  if (known != declared.series.end()) return &known->second;
  if (declared.series.size() >= static_cast<std::size_t>(declared.metric.max_series)) return nullptr;
  Numbers& added = declared.series[texts];
  added.values.resize(ValuesPerSeries(*declared.header));
  return &added;
}

void CustomMetrics::Add(const Declared& declared, Numbers& numbers, const Event& event, UnixMillis at) {
  if (declared.metric.IsAsTold()) {
    if (at < numbers.told) return;
    numbers.values[0] = *event.Number(kValue);
  } else if (declared.metric.type == MetricType::kCounter) {
    numbers.values[0] += *event.Number(kValue) * event.count;
  } else {
    Observe(declared, numbers, event, at);
  }
  numbers.told = std::max(numbers.told, at);
}

void CustomMetrics::Observe(const Declared& declared, Numbers& numbers, const Event& event, UnixMillis at) {
  if (const auto delta = DeltaOf(event)) {
    for (std::size_t i = 0; i < delta->counts.size(); ++i) {
      numbers.values[i] += delta->counts[i] * event.weight;
    }
    numbers.values.back() += delta->sum * event.weight;
    return;
  }
  const double value = *event.Number(kValue);
  const auto bound = std::ranges::lower_bound(declared.metric.bounds, value);
  const auto bucket = static_cast<std::size_t>(bound - declared.metric.bounds.begin());
  numbers.values[bucket] += event.weight;
  numbers.values.back() += value * event.weight;
  if (!event.trace_id.empty()) numbers.exemplars[bucket] = {std::string(event.trace_id), value, at};
}

void CustomMetrics::Expire(UnixMillis time) {
  for (Declared& declared : declared_) {
    if (!declared.metric.IsAsTold()) continue;
    const std::size_t gone =
        std::erase_if(declared.series, [&](const auto& entry) { return entry.second.told < time; });
    if (gone == 0) continue;
    series_->Count<"exporter_series_expired_total">(static_cast<double>(gone), kGroup);
    LearnValues(declared);
  }
}

CustomMetrics::AllSeries CustomMetrics::Held() const {
  AllSeries all;
  for (const Declared& declared : declared_) {
    std::vector<Saved>& saved = all[declared.metric.name];
    for (const auto& [labels, numbers] : declared.series) saved.push_back({labels, numbers});
  }
  return all;
}

void CustomMetrics::Restore(const AllSeries& all) {
  for (const auto& [name, series] : all) {
    Declared* const declared = Find(name);
    if (declared == nullptr) continue;
    for (const auto& [texts, numbers] : series) {
      const bool fits = texts.size() == declared->metric.labels.size() &&
                        numbers.values.size() == ValuesPerSeries(*declared->header);
      if (fits) declared->series[texts] = numbers;
    }
    LearnValues(*declared);
  }
}

// The values that the series of a family have, as if they had come one by one.
void CustomMetrics::LearnValues(Declared& declared) {
  declared.seen.assign(declared.metric.labels.size(), {});
  for (const auto& [texts, numbers] : declared.series) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (texts[i] != kOther) declared.seen[i].insert(texts[i]);
    }
  }
}

void CustomMetrics::CollectCounts() {
  if (declared_.empty()) return;
  double held = 0;
  double limit = 0;
  for (const Declared& declared : declared_) {
    held += static_cast<double>(declared.series.size());
    limit += declared.metric.max_series;
  }
  series_->Set<"exporter_series">(held, kGroup);
  series_->Set<"exporter_series_limit">(limit, kGroup);
}

void CustomMetrics::Collect(Snapshot& snapshot) {
  for (const Declared& declared : declared_) {
    if (declared.series.empty()) continue;
    auto labels = std::make_shared<SeriesLabels>();
    FamilySnapshot family{declared.header, nullptr, {}, {}};
    for (const auto& [texts, numbers] : declared.series) {
      for (const auto& [bucket, exemplar] : numbers.exemplars) {
        family.exemplars.push_back({labels->size(), bucket, exemplar.trace_id, exemplar.value, exemplar.at});
      }
      std::string text;
      for (std::size_t i = 0; i < texts.size(); ++i) {
        AppendLabel(text, declared.metric.labels[i].name, texts[i]);
      }
      labels->Add(text);
      family.values.insert(family.values.end(), numbers.values.begin(), numbers.values.end());
    }
    family.labels = std::move(labels);
    snapshot.families.push_back(std::move(family));
  }
}

}  // namespace fleet
