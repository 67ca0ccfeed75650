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

NodeId WithoutParens(const Tree& tree, NodeId id) {
  while (const auto* paren = std::get_if<Paren>(&tree[id].data)) id = paren->expr;
  return id;
}

}  // namespace fleet::promql
