// A tree as text, in the form Prometheus prints, on one line. It adds no parentheses: a tree made by hand
// needs its Paren nodes (rewrite.h puts them in).
#pragma once

#include <string>

#include "lib/promql/ast.h"

namespace fleet::promql {

std::string Print(const Tree& tree);
std::string Print(const Tree& tree, NodeId top);

std::string Print(const DurationSpec& duration);

// A label as it stands in a list: quoted only when it must be.
std::string PrintLabel(std::string_view label);

// The node without what is below it: "rate()", "sum by (job)", "> bool", "up{job="a"}[5m]".
std::string PrintShort(const Tree& tree, NodeId id);

}  // namespace fleet::promql
