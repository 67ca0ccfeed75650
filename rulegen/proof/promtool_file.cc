#include "rulegen/proof/promtool_file.h"

#include <fmt/format.h>

#include <iterator>

#include "rulegen/emit/yaml_text.h"

namespace fleet::rulegen {
namespace {

void RenderExpectation(const Expectation& expectation, std::string& out) {
  fmt::format_to(std::back_inserter(out), "      - expr: {}\n        eval_time: {}\n",
                 YamlQuoted(expectation.expr), PrintDuration(expectation.at));
  if (expectation.samples.empty()) {
    out += "        exp_samples: []\n";
    return;
  }
  out += "        exp_samples:\n";
  for (const auto& [labels, value] : expectation.samples) {
    fmt::format_to(std::back_inserter(out), "          - {{labels: {}, value: {}}}\n", YamlQuoted(labels),
                   value);
  }
}

void RenderCase(const PromtoolCase& one, std::string& out) {
  // promtool 2.42 knows no names of tests.
  fmt::format_to(std::back_inserter(out), "  # {}\n  - interval: {}\n    input_series:\n", one.name,
                 PrintDuration(one.interval));
  for (const InputSeries& input : one.series) {
    fmt::format_to(std::back_inserter(out), "      - {{series: {}, values: {}}}\n", YamlQuoted(input.series),
                   YamlQuoted(input.values));
  }
  out += "    promql_expr_test:\n";
  for (const Expectation& expectation : one.expectations) RenderExpectation(expectation, out);
}

}  // namespace

std::string RenderPromtoolFile(const PromtoolFile& file) {
  std::string out = fmt::format("rule_files: [{}]\nevaluation_interval: {}\ngroup_eval_order:\n",
                                YamlQuoted(file.rule_file), PrintDuration(file.evaluation_interval));
  for (const std::string& group : file.groups) out += fmt::format("  - {}\n", YamlQuoted(group));
  out += "tests:\n";
  for (const PromtoolCase& one : file.cases) RenderCase(one, out);
  return out;
}

}  // namespace fleet::rulegen
