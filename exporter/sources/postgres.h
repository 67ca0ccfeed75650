// A PostgreSQL database that is asked for workers, sandboxes, tasks, and itself.
#pragma once

#include "exporter/sources/source_types.h"

namespace fleet {

extern const SourceType kPostgresSource;

}  // namespace fleet
