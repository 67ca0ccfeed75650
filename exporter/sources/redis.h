// Redis as a broker: its health, and the queues that some system keeps in it.
#pragma once

#include "exporter/sources/source_types.h"

namespace fleet {

extern const SourceType kRedisSource;

}  // namespace fleet
