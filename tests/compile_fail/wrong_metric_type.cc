// Only histograms can be observed, only counters counted.
#include "exporter/fleet/series.h"

void Apply(fleet::Series& series) {
#ifdef VALID
  series.Count<"agents_started_total">(1, "master");
#else
  series.Observe<"agents_started_total">({1}, "master");
#endif
}
