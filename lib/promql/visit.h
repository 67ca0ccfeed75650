// Walking a tree without recursion.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "lib/promql/ast.h"

namespace fleet::promql {

// In the order of the text: an aggregation's parameter before what it aggregates.
template <typename Use>
void ForEachChild(const Node& node, Use&& use) {
  struct Visitor {
    Use& use;
    void operator()(const NumberLiteral&) const {}
    void operator()(const StringLiteral&) const {}
    void operator()(const Selector&) const {}
    void operator()(const Subquery& n) const { use(n.expr); }
    void operator()(const Call& n) const {
      for (const NodeId arg : n.args) use(arg);
    }
    void operator()(const Aggregate& n) const {
      if (n.param != kNoNode) use(n.param);
      use(n.expr);
    }
    void operator()(const Binary& n) const {
      use(n.lhs);
      use(n.rhs);
    }
    void operator()(const Unary& n) const { use(n.expr); }
    void operator()(const Paren& n) const { use(n.expr); }
  };
  std::visit(Visitor{use}, node.data);
}

inline std::vector<NodeId> Children(const Node& node) {
  std::vector<NodeId> children;
  ForEachChild(node, [&](NodeId child) { children.push_back(child); });
  return children;
}

// Every node below `top` and itself, parents first, then in the order of the text.
std::vector<NodeId> Preorder(const Tree& tree, NodeId top);
inline std::vector<NodeId> Preorder(const Tree& tree) { return Preorder(tree, tree.root); }

// use(id, node, parent) for every node, parents first; `parent` is kNoNode at the root.
template <typename Use>
void Visit(const Tree& tree, Use&& use) {
  if (tree.root == kNoNode) return;
  std::vector<std::pair<NodeId, NodeId>> todo = {{tree.root, kNoNode}};
  while (!todo.empty()) {
    const std::pair<NodeId, NodeId> next = todo.back();
    todo.pop_back();
    use(next.first, tree[next.first], next.second);
    const std::size_t end = todo.size();
    ForEachChild(tree[next.first], [&](NodeId child) { todo.emplace_back(child, next.first); });
    for (std::size_t i = end, j = todo.size(); i + 1 < j; ++i) std::swap(todo[i], todo[--j]);
  }
}

// The node itself, or what its parentheses hold.
NodeId WithoutParens(const Tree& tree, NodeId id);

// Puts place(span) for every place in the tree.
void MapSpans(Tree& tree, const std::function<Span(Span)>& place);

}  // namespace fleet::promql
