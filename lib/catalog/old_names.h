// What fleets called these things before, and where it stands now: for docs/metrics.md, and for rules
// that keep old names alive (`legacy_names: true` in a policy).
//
// In expressions @x is the metric x of the catalog with its namespace. Every one is looked up at compile
// time, so a row cannot point at a metric that is gone.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "lib/catalog/metric_def.h"

namespace fleet::catalog {

// The kinds of fleets the old names come from: the sections of the documentation.
enum class Origin { kCoordinator, kAgents, kSandboxes, kEdge };

// A metric that had a name of its own. The rule that brings it back is
// `sum without (dropped) (@metric{matchers})`, for histograms one for each of their series.
struct OldMetric {
  Origin origin;
  std::string_view name;
  std::string_view metric;
  std::string_view matchers{};
  std::string_view dropped{};
  std::string_view source{};        // which events or sources feed it
  std::string_view renamed_to{};    // the old name of a label,
  std::string_view renamed_from{};  // and the one it has now
};

// Something that was asked for without a metric's name.
struct OldTerm {
  Origin origin;
  std::string_view name;
  std::string_view now;  // PromQL, or metrics separated by commas
  std::string_view source{};
};

std::span<const OldMetric> OldMetrics();
std::span<const OldTerm> OldTerms();

// `text` with the namespace in the place of each @.
std::string WithNamespace(std::string_view text, std::string_view metric_namespace);

// The series a rule of this metric reads, for the suffix of a histogram's series or for "":
// @runs_finished_total{outcome="completed"}.
std::string SelectorOf(const OldMetric& old, std::string_view suffix);

}  // namespace fleet::catalog
