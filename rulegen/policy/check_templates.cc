// The templates of summaries and descriptions, as far as they can be judged without Prometheus.
#include <fmt/format.h>

#include <algorithm>

#include "rulegen/policy/check_parts.h"

namespace fleet::rulegen {
namespace {

// Prometheus refuses a whole file for one template that does not parse.
bool HasMatchingBraces(std::string_view text) {
  bool is_open = false;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const std::string_view pair = text.substr(i, 2);
    if (pair != "{{" && pair != "}}") continue;
    if (is_open == (pair == "{{")) return false;
    is_open = !is_open;
    ++i;
  }
  return !is_open;
}

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The names x of $labels.x.
std::vector<std::string_view> LabelsUsed(std::string_view text) {
  constexpr std::string_view kPrefix = "$labels.";
  std::vector<std::string_view> names;
  for (std::size_t at = text.find(kPrefix); at != std::string_view::npos; at = text.find(kPrefix, at)) {
    at += kPrefix.size();
    std::size_t end = at;
    while (end < text.size() && IsWordCharacter(text[end])) ++end;
    names.push_back(text.substr(at, end - at));
  }
  return names;
}

// The labels of an alert: those it is grouped by, or all of each series, and the static ones.
std::vector<std::string_view> LabelsOf(const ThresholdAlert& alert, const Policy& policy,
                                       const catalog::MetricDef& metric) {
  std::vector<std::string_view> labels = {"severity", "alertname"};
  for (const auto& [name, value] : policy.labels) labels.push_back(*name);
  for (const auto& [name, value] : alert.labels) labels.push_back(*name);
  const Query& value = alert.value;
  for (const Text& label : value.by) labels.push_back(*label);
  const bool is_each_series = value.by.empty() && !value.aggregate && value.over.empty() &&
                              value.quantiles.empty() && !value.missing_as_zero;
  if (!is_each_series) return labels;
  const std::vector<std::string_view> all = Vocabulary::LabelNames(metric);
  labels.insert(labels.end(), all.begin(), all.end());
  return labels;
}

}  // namespace

void CheckTemplates(const CheckContext& context) {
  for (const ThresholdAlert& alert : context.policy.alerts) {
    for (const Text* text : {&alert.summary, &alert.description}) {
      if (HasMatchingBraces(**text)) continue;
      context.diagnostics.AddError(text->span, "template-invalid",
                                   "the braces {{ and }} of this template do not match");
    }
  }
}

void CheckTemplateLabels(const CheckContext& context) {
  for (const ThresholdAlert& alert : context.policy.alerts) {
    const catalog::MetricDef* metric = context.vocabulary.Find(*alert.value.selector.metric);
    if (metric == nullptr) continue;
    const std::vector<std::string_view> known = LabelsOf(alert, context.policy, *metric);
    for (const Text* text : {&alert.summary, &alert.description}) {
      for (const std::string_view name : LabelsUsed(**text)) {
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        Diagnostic& diagnostic = context.diagnostics.AddError(
            text->span, "template-label",
            fmt::format("the alert has no label '{}', so this template prints nothing for it", name));
        SuggestClosest(diagnostic, name, known);
        if (diagnostic.notes.empty()) diagnostic.notes.push_back("add it to 'by' of the value");
      }
    }
  }
}

}  // namespace fleet::rulegen
