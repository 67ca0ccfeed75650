// Which entities have series of their own: first come, first served, until they expire. Aggregates do
// not ask.
#pragma once

#include "exporter/fleet/series.h"
#include "lib/catalog/metric_def.h"

namespace fleet {

class EntitySeries {
 public:
  // `group` is the one of the entity metrics in the catalog. At most `limit` entities, 0 for none.
  EntitySeries(Series& series, catalog::Group group, int limit);

  // The limit may become lower than what is held: that stays until it expires.
  void SetLimit(int limit) { limit_ = limit; }
  bool is_on() const { return limit_ > 0; }

  // True: the entity has series until it leaves. `refused` belongs to the entity, so that it is counted
  // once.
  bool Enter(bool& refused);
  void Leave() { --held_; }

  // Exports the series held and the limit. Both count series, of which an entity has several.
  void Collect();
  // Series held now; what expiry took away is the difference.
  std::size_t CountSeries() const;
  void CountExpired(std::size_t series_before);

  // The limit comes from the configuration.
  template <typename Archive>
  void Persist(Archive& archive) {
    archive(held_);
  }

 private:
  Series* series_;
  catalog::Group group_;
  LabelValue<"group"> name_;
  int limit_;
  int held_ = 0;
  double series_per_entity_ = 0;
};

}  // namespace fleet
