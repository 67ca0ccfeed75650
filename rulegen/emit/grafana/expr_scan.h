// What the dashboard checks ask of a PromQL expression that still holds Grafana's variables, and so
// is no PromQL yet: which series are read over which range by which function, which variables it
// uses, and which of them stand behind `=`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fleet::rulegen::grafana {

struct SeriesRead {
  std::string metric;
  std::string range;     // what stands in the brackets, empty for an instant
  std::string function;  // the innermost function around it, empty for none

  friend bool operator==(const SeriesRead&, const SeriesRead&) = default;
};

// In the order of the text. A selector without a name, {__name__=~"..."}, is not listed. Of what is no PromQL
// once its variables are replaced (variables.h): nothing.
std::vector<SeriesRead> ScanReads(std::string_view expr);

// Names of the variables in a text, in the forms $x, ${x} and ${x:format}; in the order of the text,
// repetitions included. Grafana's own, which begin with two underscores, are left out.
std::vector<std::string> ScanVariables(std::string_view text);

// Variables that are the whole value of a matcher with `=` or `!=`.
std::vector<std::string> ScanEqualityVariables(std::string_view expr);

// Names in {{...}} of a legend.
std::vector<std::string> ScanLegendLabels(std::string_view legend);

}  // namespace fleet::rulegen::grafana
