#include "rulegen/proof/contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <tuple>
#include <variant>

#include "lib/base/text.h"
#include "lib/promql/regex.h"
#include "rulegen/plan/expr.h"
#include "rulegen/policy/vocabulary.h"
#include "rulegen/proof/emitted_rules.h"

namespace fleet::rulegen {
namespace {

bool IsNameCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':';
}

void SkipBlanks(std::string_view text, std::size_t& at) {
  while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) != 0) ++at;
}

std::string ReadName(std::string_view text, std::size_t& at) {
  const std::size_t begin = at;
  while (at < text.size() && IsNameCharacter(text[at])) ++at;
  return std::string(text.substr(begin, at - begin));
}

// A PromQL string at `at`; escapes other than \\ and \" stay as they are.
std::string ReadString(std::string_view text, std::size_t& at) {
  const char quote = text[at++];
  std::string value;
  while (at < text.size() && text[at] != quote) {
    if (quote != '`' && text[at] == '\\' && at + 1 < text.size() &&
        (text[at + 1] == '\\' || text[at + 1] == quote)) {
      ++at;
    }
    value += text[at++];
  }
  ++at;
  return value;
}

// {a="b",c=~"d"}; stops at what it does not know.
std::vector<UsedMatcher> ReadMatchers(std::string_view text, std::size_t& at) {
  std::vector<UsedMatcher> matchers;
  for (++at; at < text.size() && text[at] != '}';) {
    SkipBlanks(text, at);
    UsedMatcher matcher;
    matcher.label = ReadName(text, at);
    SkipBlanks(text, at);
    while (at < text.size() && (text[at] == '=' || text[at] == '!' || text[at] == '~'))
      matcher.op += text[at++];
    SkipBlanks(text, at);
    if (at >= text.size() || (text[at] != '"' && text[at] != '\'' && text[at] != '`')) break;
    matcher.value = ReadString(text, at);
    matchers.push_back(std::move(matcher));
    SkipBlanks(text, at);
    if (at < text.size() && text[at] == ',') ++at;
    SkipBlanks(text, at);
  }
  return matchers;
}

std::string FromJsonString(std::string_view line) {
  const std::size_t begin = line.find(": \"");
  std::string text;
  if (begin == std::string_view::npos) return text;
  for (std::size_t at = begin + 3; at < line.size() && line[at] != '"'; ++at) {
    if (line[at] == '\\' && at + 1 < line.size()) {
      ++at;
      text += line[at] == 'n' ? '\n' : line[at];
    } else {
      text += line[at];
    }
  }
  return text;
}

// All expressions of an output.
std::vector<std::string> ExpressionsOf(const Output& output) {
  std::vector<std::string> expressions;
  if (output.path.ends_with(".json")) {
    for (const std::string_view line : Split(output.bytes, '\n')) {
      if (Trim(line).starts_with("\"expr\":")) expressions.push_back(FromJsonString(line));
    }
  } else if (auto groups = ParseRuleFile(output.path, output.bytes)) {
    for (const RuleGroup& group : *groups) {
      for (const Rule& rule : group.rules) expressions.push_back(rule.expr);
    }
  }
  return expressions;
}

// The family of a sample's name: x of x_bucket, where that is the metric that the catalog knows.
std::string FamilyOf(const std::string& name, const Vocabulary& vocabulary) {
  if (vocabulary.Find(name) != nullptr) return name;
  for (const std::string_view suffix : {"_bucket", "_count", "_sum"}) {
    if (!std::string_view(name).ends_with(suffix)) continue;
    std::string family = name.substr(0, name.size() - suffix.size());
    if (vocabulary.Find(family) != nullptr) return family;
  }
  return name;
}

bool IsOf(const Exposition& exposed, const std::string& metric, const Build& build) {
  const auto info = exposed.series.find(metric);
  if (info == exposed.series.end()) return false;
  const auto is = [&](const char* label, const std::string& ours) {
    const auto values = info->second.labels.find(label);
    return values != info->second.labels.end() && values->second == std::set<std::string>{ours};
  };
  return is("version", build.version) && is("revision", build.revision);
}

// Metric, label and value of a matcher.
using Expected = std::tuple<std::string, std::string, std::string>;

// What narrows the events of an SLI to the bad ones. A healthy fleet has none of them.
std::set<Expected> BadEventsOf(const Policy& policy) {
  std::set<Expected> expected;
  for (const Slo& slo : policy.slos) {
    const auto* sli = std::get_if<EventsSli>(&slo.sli);
    if (sli == nullptr || !sli->counts_bad || *sli->counted.metric != *sli->total.metric) continue;
    const auto matchers = [&](const Selector& selector) {
      return FindUses(Series(*selector.metric, selector.where).text, "").front().matchers;
    };
    for (const UsedMatcher& matcher : matchers(sli->counted)) {
      expected.emplace(*sli->counted.metric, matcher.label, matcher.value);
    }
    for (const UsedMatcher& matcher : matchers(sli->total)) {
      expected.erase({*sli->counted.metric, matcher.label, matcher.value});
    }
  }
  return expected;
}

class ContractChecker {
 public:
  ContractChecker(const Policy& policy, const Exposition& exposed, const Build& build)
      : vocabulary_(*policy.metric_namespace),
        exposed_(exposed),
        has_our_catalog_(IsOf(exposed, *policy.metric_namespace + "_exporter_build_info", build)),
        bad_events_(BadEventsOf(policy)) {}

  void Check(const UsedSeries& use) {
    if (!CheckMetric(use.metric)) return;
    const auto found = exposed_.series.find(use.metric);
    if (found == exposed_.series.end()) {
      unknown_.insert(use.metric + ": declared, without any series yet");
      return;
    }
    for (const UsedMatcher& matcher : use.matchers) CheckMatcher(use.metric, matcher, found->second);
  }

  ContractReport Report() const {
    ContractReport report;
    report.metrics = there_.size();
    report.broken.assign(broken_.begin(), broken_.end());
    report.unknown.assign(unknown_.begin(), unknown_.end());
    return report;
  }

 private:
  // OpenMetrics names the family of a counter without _total.
  const std::string* TypeOf(const std::string& family) const {
    for (const std::string& name :
         {family, family.ends_with("_total") ? family.substr(0, family.size() - 6) : family}) {
      if (const auto type = exposed_.types.find(name); type != exposed_.types.end()) return &type->second;
    }
    return nullptr;
  }

  bool CheckMetric(const std::string& metric) {
    const std::string family = FamilyOf(metric, vocabulary_);
    const std::string* type = TypeOf(family);
    const auto series = exposed_.series.find(metric);
    if (type == nullptr && series == exposed_.series.end()) {
      if (!vocabulary_.Owns(metric)) {
        unknown_.insert(metric + ": another target exposes it");
        return false;
      }
      if (has_our_catalog_ && vocabulary_.Find(family) != nullptr) {
        unknown_.insert(metric + ": without any series yet; this version of the exporter has it");
        return false;
      }
      broken_.insert(fmt::format("{}: there is no such metric", metric));
      return false;
    }
    const catalog::MetricDef* def = vocabulary_.Find(family);
    if (def != nullptr && type != nullptr && *type != catalog::Name(def->type)) {
      broken_.insert(fmt::format("{}: is a {}, not a {}", family, *type, catalog::Name(def->type)));
    }
    if (series != exposed_.series.end() && series->second.has_bad_number) {
      broken_.insert(fmt::format("{}: has a value that is NaN or infinite", metric));
    }
    there_.insert(metric);
    return true;
  }

  void CheckMatcher(const std::string& metric, const UsedMatcher& matcher, const ExposedSeries& series) {
    const bool is_positive = matcher.op == "=" || matcher.op == "=~";
    // Prometheus adds these; a variable of a dashboard is chosen from what is there; "" asks for none.
    if (matcher.label == "job" || matcher.label == "instance" || matcher.value.find('$') != std::string::npos)
      return;
    const auto label = series.labels.find(matcher.label);
    if (label == series.labels.end()) {
      if (!matcher.value.empty()) broken_.insert(fmt::format("{}: has no label '{}'", metric, matcher.label));
      return;
    }
    if (!is_positive || matcher.value.empty()) return;
    const auto fits = [&](const std::string& value) {
      return matcher.op == "=" ? value == matcher.value : promql::RegexMatches(matcher.value, value);
    };
    if (std::any_of(label->second.begin(), label->second.end(), fits)) return;
    const std::string missing =
        fmt::format("{}: no series has {}{}\"{}\"", metric, matcher.label, matcher.op, matcher.value);
    if (MayCome(metric, matcher, fits)) {
      unknown_.insert(missing + " yet");
    } else {
      broken_.insert(missing);
    }
  }

  // The exporter shows it as soon as it happens: a state that the catalog lists, or a bad event.
  template <typename Fits>
  bool MayCome(const std::string& metric, const UsedMatcher& matcher, Fits fits) const {
    const std::string family = FamilyOf(metric, vocabulary_);
    if (bad_events_.count({family, matcher.label, matcher.value}) != 0) return true;
    const catalog::MetricDef* def = vocabulary_.Find(family);
    const catalog::LabelDef* label = def == nullptr ? nullptr : Vocabulary::FindLabel(*def, matcher.label);
    return label != nullptr && std::any_of(label->values.begin(), label->values.end(),
                                           [&](std::string_view value) { return fits(std::string(value)); });
  }

  Vocabulary vocabulary_;
  const Exposition& exposed_;
  bool has_our_catalog_;
  std::set<Expected> bad_events_;
  std::set<std::string> there_;
  std::set<std::string> broken_;
  std::set<std::string> unknown_;
};

}  // namespace

std::vector<UsedSeries> FindUses(std::string_view expr, std::string_view prefix) {
  std::vector<UsedSeries> uses;
  for (std::size_t at = 0; at < expr.size();) {
    const char c = expr[at];
    if (c == '"' || c == '\'' || c == '`') {
      ReadString(expr, at);
    } else if (IsNameCharacter(c)) {
      const std::string name = ReadName(expr, at);
      if (!name.starts_with(prefix)) continue;
      UsedSeries use{name, {}};
      if (at < expr.size() && expr[at] == '{') use.matchers = ReadMatchers(expr, at);
      uses.push_back(std::move(use));
    } else {
      ++at;
    }
  }
  return uses;
}

ContractReport CheckContract(const Policy& policy, const std::vector<Output>& outputs,
                             const Exposition& exposed, const Build& build) {
  ContractChecker checker(policy, exposed, build);
  const std::string prefix = *policy.metric_namespace + "_";
  for (const Output& output : outputs) {
    for (const std::string& expr : ExpressionsOf(output)) {
      for (const UsedSeries& use : FindUses(expr, prefix)) checker.Check(use);
    }
  }
  return checker.Report();
}

}  // namespace fleet::rulegen
