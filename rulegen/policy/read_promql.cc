#include "rulegen/policy/read_promql.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "lib/promql/parser.h"
#include "lib/promql/rewrite.h"
#include "lib/promql/visit.h"
#include "lib/yaml/place.h"
#include "rulegen/emit/grafana/variables.h"

namespace fleet::rulegen {
namespace {

enum class Variables { kNone, kWindow, kGrafana };

// What stands in place of a variable is as long as it, so that places stay.
std::string Without(Variables variables, const std::string& text) {
  static const std::string kDuration = "1h" + std::string(kWindowVariable.size() - 2, ' ');
  if (variables == Variables::kWindow) return WithWindow(text, kDuration);
  return variables == Variables::kGrafana ? grafana::WithoutVariables(text) : text;
}

// One YAML scalar with its PromQL.
class Reader {
 public:
  Reader(const yaml::Node& node, std::string_view name, Diagnostics& diagnostics)
      : node_(node), name_(name), diagnostics_(diagnostics) {}

  std::optional<promql::Tree> Parse(Variables variables) {
    const auto text = yaml::ReadString(node_, name_, diagnostics_);
    if (!text) return std::nullopt;
    promql::Parsed parsed = promql::Parse(Without(variables, *text));
    for (const promql::Problem& problem : parsed.problems) Report(problem.span, problem.text);
    if (!parsed.ok()) return std::nullopt;
    return std::move(parsed.tree);
  }

  void Report(Span in_text, const std::string& problem) {
    diagnostics_.AddError(Place(in_text), "promql-invalid", problem);
  }

  // As the policy's own: the name, and a condition for every other matcher.
  Selector ToSelector(const promql::Node& node) const {
    const auto& parsed = std::get<promql::Selector>(node.data);
    Selector selector;
    selector.metric = {std::string(parsed.metric()), Place(node.span)};
    for (const promql::Matcher& matcher : parsed.matchers) {
      if (matcher.label == promql::kNameLabel) continue;
      const Span place = Place(matcher.span);
      selector.where.push_back({{matcher.label, place}, KindOf(matcher.op), {{matcher.value, place}}});
    }
    return selector;
  }

  // With the places of the file.
  promql::Tree InFile(promql::Tree tree) const {
    promql::MapSpans(tree, [&](Span in_text) { return Place(in_text); });
    return tree;
  }

  Span Place(Span in_text) const { return yaml::PlaceIn(node_, in_text, diagnostics_.source()); }

 private:
  static MatchKind KindOf(promql::MatchOp op) {
    switch (op) {
      case promql::MatchOp::kEqual:
        return MatchKind::kOneOf;
      case promql::MatchOp::kNotEqual:
        return MatchKind::kNoneOf;
      case promql::MatchOp::kRegex:
        return MatchKind::kMatches;
      case promql::MatchOp::kNotRegex:
        return MatchKind::kExcludes;
    }
    return MatchKind::kOneOf;
  }

  const yaml::Node& node_;
  std::string_view name_;
  Diagnostics& diagnostics_;
};

std::optional<Expression> Read(const yaml::Node& node, std::string_view name, Variables variables,
                               Diagnostics& diagnostics) {
  Reader reader(node, name, diagnostics);
  auto tree = reader.Parse(variables);
  if (!tree) return std::nullopt;
  if (tree->type() != promql::ValueType::kInstantVector) {
    reader.Report((*tree)[tree->root].span, fmt::format("'{}' must be an instant vector, and this is a {}",
                                                        name, promql::Name(tree->type())));
    return std::nullopt;
  }
  Expression expression{{node.text, node.span}, {}, {}};
  promql::Visit(*tree, [&](promql::NodeId, const promql::Node& each, promql::NodeId) {
    if (std::holds_alternative<promql::Selector>(each.data))
      expression.reads.push_back(reader.ToSelector(each));
  });
  expression.tree = reader.InFile(*std::move(tree));
  return expression;
}

}  // namespace

std::optional<Expression> ReadExpression(const yaml::Node& node, std::string_view name,
                                         Diagnostics& diagnostics) {
  return Read(node, name, Variables::kNone, diagnostics);
}

std::optional<Expression> ReadWindowedExpression(const yaml::Node& node, std::string_view name,
                                                 Diagnostics& diagnostics) {
  return Read(node, name, Variables::kWindow, diagnostics);
}

std::optional<promql::Tree> ReadPanelExpression(const yaml::Node& node, std::string_view name,
                                                Diagnostics& diagnostics) {
  Reader reader(node, name, diagnostics);
  auto tree = reader.Parse(Variables::kGrafana);
  if (!tree) return std::nullopt;
  const promql::ValueType type = tree->type();
  if (type != promql::ValueType::kInstantVector && type != promql::ValueType::kScalar) {
    reader.Report(
        (*tree)[tree->root].span,
        fmt::format("a panel shows an instant vector or a scalar, and this is a {}", promql::Name(type)));
    return std::nullopt;
  }
  return reader.InFile(*std::move(tree));
}

std::optional<Selector> ReadPromqlSelector(const yaml::Node& node, std::string_view name,
                                           Diagnostics& diagnostics) {
  Reader reader(node, name, diagnostics);
  auto tree = reader.Parse(Variables::kNone);
  if (!tree) return std::nullopt;
  const promql::Node& top = (*tree)[promql::WithoutParens(*tree, tree->root)];
  const auto* parsed = std::get_if<promql::Selector>(&top.data);
  if (parsed == nullptr || parsed->range || parsed->time.offset || parsed->time.at) {
    reader.Report(top.span,
                  fmt::format("'{}' must be a selector alone, as in requests_total{{code=\"500\"}}: "
                              "the rules put functions and windows around it",
                              name));
    return std::nullopt;
  }
  if (parsed->metric().empty()) {
    reader.Report(top.span, fmt::format("'{}' must name one metric", name));
    return std::nullopt;
  }
  // Of a selector alone these are the names in quotes.
  if (const auto quoted = promql::NewerThanPrometheus2(*tree); !quoted.empty()) {
    reader.Report(quoted.front().span,
                  fmt::format("'{}' must name metric and labels without quotes, as the rules do", name));
    return std::nullopt;
  }
  Selector selector = reader.ToSelector(top);
  selector.tree = reader.InFile(*std::move(tree));
  return selector;
}

const yaml::Node* RequireBadOrGood(yaml::MapReader& map, std::string_view what, bool& counts_bad) {
  const yaml::Node* bad = map.Find("bad");
  const yaml::Node* good = map.Find("good");
  counts_bad = bad != nullptr;
  if ((bad == nullptr) != (good == nullptr)) return counts_bad ? bad : good;
  if (!map.is_map()) return nullptr;
  map.diagnostics().AddError(
      map.span(), bad == nullptr ? "choice-missing" : "choice-conflict",
      fmt::format("{} needs one of bad, good{}", what, bad == nullptr ? "" : ", and only one"));
  return nullptr;
}

}  // namespace fleet::rulegen
