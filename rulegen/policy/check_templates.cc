// The templates of summaries, descriptions and labels, as far as they can be judged without Prometheus.
#include <fmt/format.h>

#include <algorithm>

#include "lib/base/text.h"
#include "lib/promql/labels.h"
#include "rulegen/policy/check_parts.h"
#include "rulegen/policy/promql_vocabulary.h"
#include "rulegen/policy/template.h"

namespace fleet::rulegen {
namespace {

bool IsWordCharacter(char c) { return IsLetter(c) || IsDigit(c) || c == '_'; }

// All that Prometheus reads as templates.
std::vector<const Text*> TextsOf(const ThresholdAlert& alert) {
  std::vector<const Text*> texts = {&alert.summary, &alert.description};
  for (const auto& [name, text] : alert.labels) texts.push_back(&text);
  return texts;
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

// The labels of an alert: the static ones and those it is grouped by, or all of each series.
struct AlertLabels {
  std::vector<std::string> named = {"severity", "alertname"};
  promql::LabelSet of_series;

  bool may_have(const std::string& label) const {
    return std::find(named.begin(), named.end(), label) != named.end() || of_series.may_have(label);
  }
  std::vector<std::string_view> Names() const {
    std::vector<std::string_view> names(named.begin(), named.end());
    if (!of_series.is_open) names.insert(names.end(), of_series.names.begin(), of_series.names.end());
    return names;
  }
};

// Nothing where what the alert reads is not known.
std::optional<AlertLabels> LabelsOf(const ThresholdAlert& alert, const CheckContext& context) {
  const Query& value = alert.value;
  const catalog::MetricDef* metric = context.vocabulary.Find(*value.selector.metric);
  const bool has_tree = value.expression && value.expression->tree.root != promql::kNoNode;
  if (metric == nullptr && !has_tree) return std::nullopt;
  AlertLabels labels;
  for (const auto& [name, text] : context.policy.labels) labels.named.push_back(*name);
  for (const auto& [name, text] : alert.labels) labels.named.push_back(*name);
  for (const Text& label : value.by) labels.named.push_back(*label);
  const bool is_each_series = value.by.empty() && !value.aggregate && value.over.empty() &&
                              value.quantiles.empty() && !value.missing_as_zero;
  if (!is_each_series) return labels;
  if (has_tree) {
    const PromqlVocabulary known(context.vocabulary);
    labels.of_series = promql::OutputLabels(value.expression->tree, &known);
  } else {
    for (const std::string_view name : Vocabulary::LabelNames(*metric))
      labels.of_series.Allow(std::string(name));
  }
  return labels;
}

}  // namespace

void CheckTemplates(const CheckContext& context) {
  const Policy& policy = context.policy;
  const bool knows_new = *policy.version > kOldestPromql;
  for (const ThresholdAlert& alert : policy.alerts) {
    for (const Text* text : TextsOf(alert)) {
      if (const auto error = TemplateError(**text, knows_new))
        context.diagnostics.AddError(text->span, "template-invalid", *error);
    }
  }
  // Records know no templates, and these are on them, or tell what an SLO is called.
  std::vector<const Text*> plain = {&policy.job};
  for (const auto& [name, text] : policy.labels) plain.push_back(&text);
  for (const Slo& slo : policy.slos) {
    for (const auto& [name, text] : slo.labels) plain.push_back(&text);
    for (const auto* text : {&slo.title, &slo.description}) {
      if (*text) plain.push_back(&**text);
    }
  }
  for (const Text* text : plain) {
    if ((*text)->find("{{") == std::string::npos) continue;
    context.diagnostics.AddError(text->span, "template-invalid", "a template can stand in 'alerts' alone");
  }
}

void CheckTemplateLabels(const CheckContext& context) {
  for (const ThresholdAlert& alert : context.policy.alerts) {
    const auto known = LabelsOf(alert, context);
    if (!known) continue;
    for (const Text* text : TextsOf(alert)) {
      for (const std::string_view name : LabelsUsed(**text)) {
        if (known->may_have(std::string(name))) continue;
        Diagnostic& diagnostic = context.diagnostics.AddError(
            text->span, "template-label",
            fmt::format("the alert has no label '{}', so this template prints nothing for it", name));
        SuggestClosest(diagnostic, name, known->Names());
        if (diagnostic.notes.empty()) diagnostic.notes.push_back("add it to 'by' of the value");
      }
    }
  }
}

}  // namespace fleet::rulegen
