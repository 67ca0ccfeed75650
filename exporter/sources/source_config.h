// The section `sources` of the configuration.
#pragma once

#include <string>
#include <vector>

#include "exporter/sources/source.h"
#include "lib/base/diagnostics.h"
#include "lib/yaml/yaml.h"

namespace fleet {

// As many as the labels `source` and `collector` have room for, beside the collector `fleet`.
inline constexpr std::size_t kMostSources = 11;

// Reports everything that is wrong; what is wrong is left out.
std::vector<SourceConfig> ReadSources(const yaml::Node& node, Diagnostics& diagnostics);

// The part of docs/exporter-config.md about them.
std::string PrintSourcesMarkdown();

}  // namespace fleet
