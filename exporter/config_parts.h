// Sections of the configuration that are more than settings. Each reports all that is wrong with it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "exporter/fleet/limits.h"
#include "lib/base/diagnostics.h"
#include "lib/yaml/yaml.h"

namespace fleet {

void ReadErrors(const yaml::Node& node, ErrorConfig& errors, Diagnostics& diagnostics);
void ReadCustomMetrics(const yaml::Node& node, std::vector<CustomMetric>& metrics, Diagnostics& diagnostics);
void ReadBackups(const yaml::Node& node, std::map<std::string, RecoveryObjectives>& targets,
                 Diagnostics& diagnostics);

// What docs/exporter-config.md says about them, with examples that --config.check takes.
std::string PrintConfigPartsMarkdown();

}  // namespace fleet
