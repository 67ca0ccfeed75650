#include "rulegen/proof/raw_series.h"

#include <algorithm>
#include <set>

#include "lib/promql/regex.h"
#include "rulegen/plan/expr.h"

namespace fleet::rulegen {
namespace {

bool Holds(const Condition& condition, const std::string& value) {
  const auto is_value = [&](const Text& text) { return *text == value; };
  switch (condition.kind) {
    case MatchKind::kOneOf:
      return std::any_of(condition.values.begin(), condition.values.end(), is_value);
    case MatchKind::kNoneOf:
      return std::none_of(condition.values.begin(), condition.values.end(), is_value);
    case MatchKind::kMatches:
      return promql::RegexMatches(*condition.values.front(), value);
    case MatchKind::kExcludes:
      return !promql::RegexMatches(*condition.values.front(), value);
  }
  return false;
}

// A text that simple patterns match: the first of alternatives, with 0 for any character.
std::string SampleOf(const std::string& pattern) {
  std::string text = pattern.substr(0, pattern.find('|'));
  std::string sample;
  for (const char c : text) {
    if (c == '.') {
      sample += '0';
    } else if (c != '*' && c != '+' && c != '(' && c != ')' && c != '\\' && c != '?') {
      sample += c;
    }
  }
  return sample;
}

// Values worth trying for a label: those of the catalog, those of the conditions, and some others.
std::vector<std::string> Candidates(const catalog::MetricDef* metric, const std::string& label,
                                    const std::vector<Condition>& conditions) {
  std::vector<std::string> values;
  if (metric != nullptr) {
    if (const catalog::LabelDef* def = Vocabulary::FindLabel(*metric, label)) {
      values.assign(def->values.begin(), def->values.end());
    }
  }
  const bool is_closed = !values.empty();
  for (const Condition& condition : conditions) {
    if (*condition.label != label) continue;
    for (const Text& value : condition.values) {
      const bool is_pattern = condition.kind == MatchKind::kMatches || condition.kind == MatchKind::kExcludes;
      values.push_back(is_pattern ? SampleOf(*value) : *value);
    }
  }
  if (!is_closed) values.insert(values.end(), {"200", "404", "503", "x", "other"});
  return values;
}

// Tries all combinations of candidates; policies have a handful of conditions.
bool Search(const std::vector<std::pair<std::string, std::vector<std::string>>>& choices, std::size_t next,
            LabelMap& labels, const std::vector<Condition>& yes, const std::vector<Condition>* no) {
  if (next == choices.size()) return Fulfil(labels, yes) && (no == nullptr || !Fulfil(labels, *no));
  for (const std::string& value : choices[next].second) {
    labels[choices[next].first] = value;
    if (Search(choices, next + 1, labels, yes, no)) return true;
  }
  return false;
}

class RawSeriesFinder {
 public:
  RawSeriesFinder(const Slo& slo, const Vocabulary& vocabulary) : slo_(slo), vocabulary_(vocabulary) {
    for (const Text& label : slo.by) groups_.push_back(*label);
  }

  std::optional<std::vector<RawSeries>> Find() {
    if (const auto* events = std::get_if<EventsSli>(&slo_.sli)) return OfEvents(*events);
    if (const auto* latency = std::get_if<LatencySli>(&slo_.sli)) return OfLatency(*latency);
    return std::nullopt;
  }

 private:
  using Counts = RawSeries::Counts;

  bool Add(const Selector& selector, const std::string& suffix, const std::string& extra, Counts counts,
           const std::vector<Condition>* no = nullptr) {
    const catalog::MetricDef* metric = vocabulary_.Find(*selector.metric);
    auto labels = FindLabels(metric, selector.where, no);
    if (!labels) return false;
    for (const std::string& group : groups_) labels->emplace(group, "g");
    std::string matchers = MatchersOf(*labels);
    if (!extra.empty()) matchers += (matchers.empty() ? "" : ",") + extra;
    series_.push_back({*selector.metric + suffix, std::move(matchers), counts});
    return true;
  }

  std::optional<std::vector<RawSeries>> OfEvents(const EventsSli& sli) {
    const Counts counted = sli.counts_bad ? Counts::kBad : Counts::kGood;
    const Counts others = sli.counts_bad ? Counts::kGood : Counts::kBad;
    const bool is_one_metric = *sli.total.metric == *sli.counted.metric;
    const bool found =
        is_one_metric
            ? Add(sli.counted, "", "", counted) && Add(sli.total, "", "", others, &sli.counted.where)
            : Add(sli.total, "", "", Counts::kAll) && Add(sli.counted, "", "", counted);
    if (!found) return std::nullopt;
    return series_;
  }

  std::optional<std::vector<RawSeries>> OfLatency(const LatencySli& sli) {
    const std::string le = Matcher("le", catalog::FormatBound(ToSeconds(*sli.below)));
    if (!Add(sli.histogram, "_count", "", Counts::kAll) ||
        !Add(sli.histogram, "_bucket", le, Counts::kGood)) {
      return std::nullopt;
    }
    return series_;
  }

  const Slo& slo_;
  const Vocabulary& vocabulary_;
  std::vector<std::string> groups_;
  std::vector<RawSeries> series_;
};

}  // namespace

bool Fulfil(const LabelMap& labels, const std::vector<Condition>& conditions) {
  return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
    const auto found = labels.find(*condition.label);
    return Holds(condition, found == labels.end() ? std::string() : found->second);
  });
}

std::string MatchersOf(const LabelMap& labels) {
  std::string text;
  for (const auto& [label, value] : labels) text += (text.empty() ? "" : ",") + Matcher(label, value);
  return text;
}

std::optional<LabelMap> FindLabels(const catalog::MetricDef* metric, const std::vector<Condition>& yes,
                                   const std::vector<Condition>* no) {
  std::vector<Condition> all = yes;
  if (no != nullptr) all.insert(all.end(), no->begin(), no->end());
  std::vector<std::pair<std::string, std::vector<std::string>>> choices;
  std::set<std::string> seen;
  for (const Condition& condition : all) {
    if (seen.insert(*condition.label).second) {
      choices.emplace_back(*condition.label, Candidates(metric, *condition.label, all));
    }
  }
  LabelMap labels;
  if (!Search(choices, 0, labels, yes, no)) return std::nullopt;
  return labels;
}

std::optional<std::vector<RawSeries>> RawSeriesOf(const Slo& slo, const Vocabulary& vocabulary) {
  return RawSeriesFinder(slo, vocabulary).Find();
}

}  // namespace fleet::rulegen
