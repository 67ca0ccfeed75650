// Sandboxes as the cgroups (version 2) of this machine.
#pragma once

#include "exporter/sources/source_types.h"

namespace fleet {

extern const SourceType kCgroupSource;

}  // namespace fleet
