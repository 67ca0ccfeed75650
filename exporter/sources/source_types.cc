#include "exporter/sources/source_types.h"

#include "exporter/sources/coordinator.h"

namespace fleet {

std::span<const SourceType> SourceTypes() {
  static const SourceType kTypes[] = {kCoordinatorSource};
  return kTypes;
}

}  // namespace fleet
