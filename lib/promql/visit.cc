#include "lib/promql/visit.h"

namespace fleet::promql {

std::vector<NodeId> Preorder(const Tree& tree, NodeId top) {
  std::vector<NodeId> order;
  std::vector<NodeId> todo;
  if (top != kNoNode) todo.push_back(top);
  while (!todo.empty()) {
    const NodeId id = todo.back();
    todo.pop_back();
    order.push_back(id);
    const std::vector<NodeId> children = Children(tree[id]);
    todo.insert(todo.end(), children.rbegin(), children.rend());
  }
  return order;
}

namespace {

struct SpanMapper {
  const std::function<Span(Span)>& place;

  void Map(Span& span) const { span = place(span); }
  void Map(std::vector<Label>& labels) const {
    for (Label& label : labels) Map(label.span);
  }
  void Map(std::optional<DurationSpec>& duration) const {
    if (duration) Map(duration->span);
  }

  void operator()(Selector& n) const {
    for (Matcher& matcher : n.matchers) Map(matcher.span);
    Map(n.range);
    Map(n.time.offset);
  }
  void operator()(Subquery& n) const {
    Map(n.range.span);
    Map(n.step);
    Map(n.time.offset);
  }
  void operator()(Aggregate& n) const { Map(n.labels); }
  void operator()(Binary& n) const {
    Map(n.op_span);
    Map(n.matching.labels);
    Map(n.matching.include);
  }
  template <typename Other>
  void operator()(Other&) const {}
};

}  // namespace

void MapSpans(Tree& tree, const std::function<Span(Span)>& place) {
  for (Node& node : tree.nodes) {
    node.span = place(node.span);
    std::visit(SpanMapper{place}, node.data);
  }
}

NodeId WithoutParens(const Tree& tree, NodeId id) {
  while (const auto* paren = std::get_if<Paren>(&tree[id].data)) id = paren->expr;
  return id;
}

}  // namespace fleet::promql
