// A file of promtool's unit tests as values, and its text.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lib/base/duration.h"

namespace fleet::rulegen {

// `values` in promtool's notation: "0x10 1+2x3 _x4".
struct InputSeries {
  std::string series;
  std::string values;
};

// An expression at a moment, and all series it gives: labels ({case="a"}) and value.
struct Expectation {
  std::string expr;
  Duration at{0};
  std::vector<std::pair<std::string, std::string>> samples;
};

struct PromtoolCase {
  std::string name;
  Duration interval{0};
  std::vector<InputSeries> series;
  std::vector<Expectation> expectations;
};

struct PromtoolFile {
  std::string rule_file;
  Duration evaluation_interval{0};
  std::vector<std::string> groups;  // in the order of evaluation
  std::vector<PromtoolCase> cases;
};

std::string RenderPromtoolFile(const PromtoolFile& file);

}  // namespace fleet::rulegen
