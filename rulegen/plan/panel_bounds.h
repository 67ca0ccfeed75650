// The numbers that a panel draws beside its values: its target, and the bounds of its alerts.
#pragma once

#include <string>
#include <vector>

#include "rulegen/emit/grafana/field.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

struct Bound {
  Decimal value;
  std::string words;  // "QueueDeep fires above 1000"
  bool bad_above = true;
  // At nothing: a line there would lie on the axis, and 0 itself is good (above 0) or bad (equals 0).
  bool at_zero = false;
  grafana::Color color = grafana::Color::kRed;
};

// Rising, the alert's own numbers.
std::vector<Bound> BoundsOf(const Policy& policy, const Panel& panel);

// Lines of a graph keep the good range clear; a number or a bar is coloured by where it stands.
std::vector<grafana::Threshold> ThresholdsOf(const std::vector<Bound>& bounds, bool lines);

}  // namespace fleet::rulegen
