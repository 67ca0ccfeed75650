#include "exporter/fleet/entity_series.h"

namespace fleet {
namespace {

bool IsEntityMetricOf(catalog::Group group, const catalog::MetricDef& def) {
  return def.scope == catalog::Scope::kEntity && def.group == group;
}

}  // namespace

EntitySeries::EntitySeries(Series& series, catalog::Group group, int limit)
    : series_(&series), group_(group), name_(series.Value<"group">(catalog::Name(group))), limit_(limit) {
  for (const catalog::MetricDef& def : catalog::kMetrics) {
    if (IsEntityMetricOf(group, def)) series_per_entity_ += LayoutOf(def).block_size;
  }
}

bool EntitySeries::Enter(bool& refused) {
  if (held_ < limit_) {
    ++held_;
    return true;
  }
  if (is_on() && !refused) series_->Count<"exporter_series_dropped_total">(series_per_entity_, name_);
  refused = is_on();
  return false;
}

void EntitySeries::Collect() {
  series_->Set<"exporter_series">(static_cast<double>(CountSeries()), name_);
  series_->Set<"exporter_series_limit">(limit_ * series_per_entity_, name_);
}

std::size_t EntitySeries::CountSeries() const {
  std::size_t count = 0;
  for (const Family& family : series_->families()) {
    if (IsEntityMetricOf(group_, family.def())) count += family.size();
  }
  return count;
}

void EntitySeries::CountExpired(std::size_t series_before) {
  const std::size_t gone = series_before - CountSeries();
  if (gone > 0) series_->Count<"exporter_series_expired_total">(static_cast<double>(gone), name_);
}

}  // namespace fleet
