#include "rulegen/emit/promql_json.h"

#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "lib/base/text.h"
#include "lib/promql/parser.h"
#include "lib/promql/print.h"
#include "lib/promql/visit.h"

namespace fleet::rulegen {
namespace {

using Json = nlohmann::ordered_json;

std::string ToLine(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string Refuse(std::string_view why, std::size_t begin, std::size_t end) {
  return ToLine({{"ok", false}, {"error", why}, {"start", begin}, {"end", end}});
}

Json SelectorsOf(const promql::Tree& tree) {
  Json selectors = Json::array();
  promql::Visit(tree, [&](promql::NodeId, const promql::Node& node, promql::NodeId) {
    const auto* selector = std::get_if<promql::Selector>(&node.data);
    if (selector == nullptr) return;
    Json matchers = Json::array();
    for (const promql::Matcher& m : selector->matchers) {
      matchers.push_back(Json::array({m.label, promql::Text(m.op), m.value}));
    }
    selectors.push_back(std::move(matchers));
  });
  return selectors;
}

}  // namespace

std::string AnswerPromqlLine(std::string_view line) {
  constexpr std::string_view kNoString = "the line is not one JSON string";
  // Anything else is not even parsed, however deep it is nested.
  if (!Trim(line).starts_with('"')) return Refuse(kNoString, 0, 0);
  const Json input = Json::parse(line, nullptr, false);
  if (!input.is_string()) return Refuse(kNoString, 0, 0);
  const promql::Parsed parsed = promql::Parse(input.get_ref<const std::string&>());
  if (!parsed.ok()) {
    const promql::Problem& first = parsed.problems.front();
    return Refuse(first.text, first.span.begin, first.span.end);
  }
  return ToLine({{"ok", true},
                 {"type", promql::Name(parsed.tree.type())},
                 {"canonical", promql::Print(parsed.tree)},
                 {"selectors", SelectorsOf(parsed.tree)}});
}

void FilterPromql(std::istream& in, std::ostream& out) {
  std::string line;
  while (std::getline(in, line)) {
    out << AnswerPromqlLine(line) << '\n';
    // Whoever sends line by line waits for the answer.
    if (in.rdbuf()->in_avail() <= 0) out.flush();
  }
}

}  // namespace fleet::rulegen
