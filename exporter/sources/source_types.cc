#include "exporter/sources/source_types.h"

#include "exporter/sources/cgroup.h"
#include "exporter/sources/coordinator.h"
#include "exporter/sources/postgres.h"
#include "exporter/sources/redis.h"

namespace fleet {

std::span<const SourceType> SourceTypes() {
  static const SourceType kTypes[] = {kCoordinatorSource, kPostgresSource, kRedisSource, kCgroupSource};
  return kTypes;
}

}  // namespace fleet
