// Changes of a tree. It stays typed, well-formed and printable: what Print makes of it, Parse takes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/promql/ast.h"
#include "lib/promql/parser.h"

namespace fleet::promql {

// Of the selectors that are changed. Empty: all of them.
using Pick = std::function<bool(const Selector&)>;

// In place of all matchers of this label, or beside the others. REQUIRES: the label is not the name.
void SetMatcher(Tree& tree, const Matcher& matcher, const Pick& pick = {});

// In place of every range of a selector. REQUIRES: above 0.
void SetWindow(Tree& tree, double seconds, const Pick& pick = {});

// Where it is named as a whole, outside the braces or by `__name__=`.
void RenameMetric(Tree& tree, std::string_view from, std::string_view to);

// Copies the nodes of `from`; the id of its root in `into`.
NodeId Graft(Tree& into, const Tree& from);

// Each adds a node above others of the tree, in parentheses where the grammar needs them, and returns it. The
// root is the caller's to set.
NodeId AddNumber(Tree& tree, double value);
// REQUIRES: a function of this name takes these arguments.
NodeId AddCall(Tree& tree, std::string_view function, std::vector<NodeId> args);
NodeId AddAggregate(Tree& tree, AggregateOp op, const std::vector<std::string>& by, NodeId expr);
NodeId AddBinary(Tree& tree, NodeId lhs, BinaryOp op, NodeId rhs, const Matching& matching = {});

// What Prometheus 2.42 does not read, even printed in its way: functions, quoted names, arithmetic of
// durations.
std::vector<Problem> NewerThanPrometheus2(const Tree& tree);

// Printed so that Prometheus 2.42 reads it, too, where NewerThanPrometheus2 finds nothing: durations that
// stand for numbers are numbers. It means the same to later ones.
std::string PrintForPrometheus2(const Tree& tree);

}  // namespace fleet::promql
