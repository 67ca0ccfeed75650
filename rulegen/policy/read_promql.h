// PromQL inside of a policy: parsed and typed where it stands, so that a caret points into the file.
#pragma once

#include <optional>
#include <string_view>

#include "lib/yaml/reader.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

// An expression for an instant vector. Every mistake is reported with the id promql-invalid.
std::optional<Expression> ReadExpression(const yaml::Node& node, std::string_view name,
                                         Diagnostics& diagnostics);
// The same, where $window may stand for a duration.
std::optional<Expression> ReadWindowedExpression(const yaml::Node& node, std::string_view name,
                                                 Diagnostics& diagnostics);

// The same for a panel, where Grafana's variables may stand; a scalar can be shown, too.
std::optional<promql::Tree> ReadPanelExpression(const yaml::Node& node, std::string_view name,
                                                Diagnostics& diagnostics);

// A selector without a range: name{label="value", ...}.
std::optional<Selector> ReadPromqlSelector(const yaml::Node& node, std::string_view name,
                                           Diagnostics& diagnostics);

// Exactly one of the keys `bad` and `good`; null after a report.
const yaml::Node* RequireBadOrGood(yaml::MapReader& map, std::string_view what, bool& counts_bad);

}  // namespace fleet::rulegen
