#include "rulegen/policy/read_promql.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "lib/promql/parser.h"
#include "lib/promql/visit.h"
#include "lib/yaml/place.h"

namespace fleet::rulegen {
namespace {

// One YAML scalar with its PromQL.
class Reader {
 public:
  Reader(const yaml::Node& node, std::string_view name, Diagnostics& diagnostics)
      : node_(node), name_(name), diagnostics_(diagnostics) {}

  std::optional<promql::Tree> Parse(bool windowed) {
    const auto text = yaml::ReadString(node_, name_, diagnostics_);
    if (!text) return std::nullopt;
    // As long as the variable, so that places stay: blanks are allowed behind a duration.
    static const std::string kDuration = "1m" + std::string(kWindowVariable.size() - 2, ' ');
    promql::Parsed parsed = promql::Parse(windowed ? WithWindow(*text, kDuration) : *text);
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
    selector.is_promql = true;
    for (const promql::Matcher& matcher : parsed.matchers) {
      if (matcher.label == promql::kNameLabel) continue;
      const Span place = Place(matcher.span);
      selector.where.push_back({{matcher.label, place}, KindOf(matcher.op), {{matcher.value, place}}});
    }
    return selector;
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

std::optional<Expression> Read(const yaml::Node& node, std::string_view name, bool windowed,
                               Diagnostics& diagnostics) {
  Reader reader(node, name, diagnostics);
  const auto tree = reader.Parse(windowed);
  if (!tree) return std::nullopt;
  if (tree->type() != promql::ValueType::kInstantVector) {
    reader.Report((*tree)[tree->root].span, fmt::format("'{}' must be an instant vector, and this is a {}",
                                                        name, promql::Name(tree->type())));
    return std::nullopt;
  }
  Expression expression{{node.text, node.span}, {}};
  promql::Visit(*tree, [&](promql::NodeId, const promql::Node& each, promql::NodeId) {
    if (std::holds_alternative<promql::Selector>(each.data))
      expression.reads.push_back(reader.ToSelector(each));
  });
  return expression;
}

}  // namespace

std::optional<Expression> ReadExpression(const yaml::Node& node, std::string_view name,
                                         Diagnostics& diagnostics) {
  return Read(node, name, false, diagnostics);
}

std::optional<Expression> ReadWindowedExpression(const yaml::Node& node, std::string_view name,
                                                 Diagnostics& diagnostics) {
  return Read(node, name, true, diagnostics);
}

std::optional<Selector> ReadPromqlSelector(const yaml::Node& node, std::string_view name,
                                           Diagnostics& diagnostics) {
  Reader reader(node, name, diagnostics);
  const auto tree = reader.Parse(false);
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
  return reader.ToSelector(top);
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
