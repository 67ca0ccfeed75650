#include "rulegen/emit/grafana/expr_scan.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "lib/base/text.h"
#include "lib/promql/functions.h"
#include "lib/promql/parser.h"
#include "lib/promql/visit.h"
#include "rulegen/emit/grafana/variables.h"

namespace fleet::rulegen::grafana {
namespace {

std::size_t SkipBlanks(std::string_view expr, std::size_t i) {
  while (i < expr.size() && std::isspace(static_cast<unsigned char>(expr[i])) != 0) ++i;
  return i;
}

// The innermost function around a child of `node`; `above` is that of the node itself.
std::string_view FunctionOf(const promql::Node& node, std::string_view above) {
  if (const auto* call = std::get_if<promql::Call>(&node.data)) return call->function->name;
  if (const auto* aggregate = std::get_if<promql::Aggregate>(&node.data)) return promql::Text(aggregate->op);
  return above;
}

}  // namespace

std::vector<SeriesRead> ScanReads(std::string_view expr) {
  const promql::Parsed parsed = promql::Parse(WithoutVariables(expr));
  if (!parsed.ok()) return {};
  const promql::Tree& tree = parsed.tree;
  std::vector<std::string_view> functions(tree.nodes.size());
  std::vector<SeriesRead> reads;
  promql::Visit(tree, [&](promql::NodeId id, const promql::Node& node, promql::NodeId parent) {
    if (parent != promql::kNoNode) functions[id] = FunctionOf(tree[parent], functions[parent]);
    const auto* selector = std::get_if<promql::Selector>(&node.data);
    if (selector == nullptr || selector->metric().empty()) return;
    // What stands for a variable may be shorter: the range ends at the bracket.
    const std::size_t begin = selector->range ? selector->range->span.begin : 0;
    const std::size_t end = selector->range ? expr.find(']', begin) : 0;
    reads.push_back({std::string(selector->metric()), std::string(Trim(expr.substr(begin, end - begin))),
                     std::string(functions[id])});
  });
  return reads;
}

std::vector<std::string> ScanVariables(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t i = text.find('$'); i != std::string_view::npos; i = text.find('$', i + 1)) {
    const auto variable = VariableAt(text, i);
    if (variable && !variable->name.starts_with("__")) names.emplace_back(variable->name);
  }
  return names;
}

std::vector<std::string> ScanEqualityVariables(std::string_view expr) {
  std::vector<std::string> names;
  for (std::size_t i = expr.find('='); i != std::string_view::npos; i = expr.find('=', i + 1)) {
    const std::size_t quote = SkipBlanks(expr, i + 1);
    if (quote + 1 >= expr.size() || expr[quote] != '"' || expr[quote + 1] != '$') continue;
    if (const auto variable = VariableAt(expr, quote + 1)) names.emplace_back(variable->name);
  }
  return names;
}

std::vector<std::string> ScanLegendLabels(std::string_view legend) {
  std::vector<std::string> labels;
  for (std::size_t i = legend.find("{{"); i != std::string_view::npos; i = legend.find("{{", i + 2)) {
    const std::size_t end = legend.find("}}", i);
    if (end == std::string_view::npos) break;
    labels.emplace_back(Trim(legend.substr(i + 2, end - i - 2)));
  }
  return labels;
}

}  // namespace fleet::rulegen::grafana
