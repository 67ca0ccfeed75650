// A series of a metric has as many labels as the catalog says.
#include "exporter/fleet/series.h"

void Apply(fleet::Series& series) {
#ifdef VALID
  series.Count<"queue_messages_processed_total">(1, "mail", "succeeded");
#else
  series.Count<"queue_messages_processed_total">(1, "mail");
#endif
}
