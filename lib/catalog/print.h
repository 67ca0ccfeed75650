// The catalog for readers outside the program: tools (JSON) and people (docs/metrics.md).
#pragma once

#include <string>
#include <string_view>

namespace fleet::catalog {

// Both: same catalog, same bytes. REQUIRES: a valid namespace, [a-zA-Z_][a-zA-Z0-9_]*.

// One metric a line, in the order of the output. Fields are only ever added.
//
//   {"namespace": "fleet", "metrics": [
//     {"name": "fleet_queue_depth",   with the namespace
//      "type": "gauge",               counter, gauge, histogram
//      "unit": "",                    seconds, bytes, ratio, cores; points in time are seconds
//      "help": "Messages ready for delivery",
//      "group": "queues",
//      "scope": "aggregate",          or entity: one series for each id, capped
//      "on_by_default": true,
//      "labels": [{"name": "queue",
//                  "values": [],      a closed set; empty: any value
//                  "bound": 100}],    most distinct values
//      "buckets": []}]}               upper bounds as numbers, without +Inf
std::string PrintJson(std::string_view metric_namespace);

// docs/metrics.md.
std::string PrintMarkdown(std::string_view metric_namespace);

}  // namespace fleet::catalog
