// Text to a typed tree, as strict as Prometheus 3.14 with default flags.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/promql/ast.h"

namespace fleet::promql {

// Longer or deeper expressions are an error. Chains of operators are not deep: a + b + c has depth 1.
inline constexpr std::size_t kMaxLength = std::size_t{1} << 20U;
inline constexpr std::size_t kMaxNodes = 200'000;
inline constexpr int kMaxDepth = 500;

struct Problem {
  Span span;  // in the text
  std::string text;
};

struct Parsed {
  Tree tree;  // only of use when ok()
  // Sorted by place. After a syntax error nothing more is reported, as it would be a guess; errors of
  // names, types and patterns are all there.
  std::vector<Problem> problems;

  bool ok() const { return problems.empty(); }
};

// Takes time and memory linear in the text.
Parsed Parse(std::string_view text);

}  // namespace fleet::promql
