// A value of one label cannot stand for another label.
#include "exporter/fleet/series.h"

void Apply(fleet::Series& series) {
#ifdef VALID
  series.Count<"agents_started_total">(1, series.Value<"tier">("master"));
#else
  series.Count<"agents_started_total">(1, series.Value<"queue">("master"));
#endif
}
