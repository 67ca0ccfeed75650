#include "exporter/sources/source_types.h"

#include "exporter/sources/coordinator.h"
#include "exporter/sources/postgres.h"

namespace fleet {

std::span<const SourceType> SourceTypes() {
  static const SourceType kTypes[] = {kCoordinatorSource, kPostgresSource};
  return kTypes;
}

}  // namespace fleet
