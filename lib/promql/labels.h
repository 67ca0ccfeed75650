// Which labels the series of an expression have, as far as it can be known without looking at any.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/promql/ast.h"
#include "lib/promql/vocabulary.h"

namespace fleet::promql {

struct LabelSet {
  // The labels that may be there: all but `names` when open, else `names` and no other. The name of the
  // metric counts as one.
  bool is_open = false;
  std::set<std::string> names;
  // Those that every series has, each with its value where that is the same for all.
  std::map<std::string, std::optional<std::string>> sure;
  // There are series that differ in this label alone: the buckets of a histogram in `le`.
  std::set<std::string> spread;

  bool may_have(const std::string& label) const { return names.contains(label) != is_open; }
  bool must_have(const std::string& label) const { return sure.contains(label); }

  void Remove(const std::string& label);
  void Allow(const std::string& label);

  friend bool operator==(const LabelSet&, const LabelSet&) = default;
};

// "only a, b", "any", "any but a, b": without the metric's name unless it is the only one.
std::string Describe(const LabelSet& labels);

// The labels of every instant and range vector; scalars and strings have none. `vocabulary` may be null.
LabelSet OutputLabels(const Tree& tree, const Vocabulary* vocabulary);

// use(id, sets) for every node, children first. In `sets` stand those of its children, by id; a parent
// takes them over, so that memory stays in proportion to the text. Returns the labels of the root.
using UseLabels = std::function<void(NodeId, const std::vector<LabelSet>&)>;
LabelSet WalkLabels(const Tree& tree, const Vocabulary* vocabulary, const UseLabels& use);

// The labels that decide which series of both sides belong together.
bool IsMatchedOn(const Matching& matching, const std::string& label);

}  // namespace fleet::promql
