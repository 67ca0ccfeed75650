// A coordinator that is asked over HTTP for its health and its runners.
#pragma once

#include "exporter/sources/source_types.h"

namespace fleet {

extern const SourceType kCoordinatorSource;

}  // namespace fleet
