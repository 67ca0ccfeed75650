#include "exporter/config_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/text.h"

namespace fleet {
namespace {

constexpr char kErrors[] = R"(
## Errors

The event `error` may say how bad it is and of what sort; where it does not, ordered rules do, and the
first that fits wins: those of the component, then those of `rules`, then the built-in ones. Patterns are
[RE2](https://github.com/google/re2/wiki/Syntax), whatever the case; `message` is looked for anywhere in
the message, `component` and `code` must match as a whole. What no rule fits is `info`, `other`. All of
it takes effect on reload.

```yaml
errors:
  rules:
    - {message: "quota exceeded", severity: critical, category: quota}
    - {component: "web-.*", code: "404", severity: info, category: not_found}
  builtin_rules: true
  repeated_timeouts: {count: 3, within: 5m}
  components:
    billing:
      rules:
        - {code: "4..", severity: critical, category: client_error}
      repeated_timeouts: {count: 2, within: 1m}
```

| key | default | what it sets |
|---|---|---|
| `errors.rules` | none | List of rules: `message`, `component`, `code` (at least one of them), `severity` (critical, warning, info), `category` |
| `errors.builtin_rules` | `true` | Whether the rules below follow |
| `errors.repeated_timeouts` | `{count: 3, within: 5m}` | So many errors of the category `timeout` of one component within that time are critical |
| `errors.components` | none | By component: `rules` and `repeated_timeouts` of its own |

The built-in rules:

| message | code | severity | category |
|---|---|---|---|
)";

constexpr char kCustom[] = R"(
## Custom metrics

Metrics of your own, fed by the event [`custom`](events.md). They keep the rules of the catalog: names
are checked as `--config.check` checks everything, labels have bounds, what was not declared is refused.
On reload, metrics whose declaration did not change keep their values.

```yaml
custom_metrics:
  - name: orders_placed_total
    type: counter
    help: Orders placed
    labels:
      - {name: shop, values: [eu, us]}
      - {name: product, limit: 50}
  - name: checkout_duration_seconds
    type: histogram
    unit: seconds
    help: Time from the basket to the paid order
    buckets: [0.5, 1, 2, 5, 10, 30]
```

| key | default | what it sets |
|---|---|---|
| `name` | required | Name without the namespace, which is put before it |
| `type` | required | counter, gauge or histogram |
| `unit` | `none` | none, seconds, bytes, ratio, cores or unix_seconds; the name ends in it |
| `help` | required | One sentence without a full stop |
| `labels` | none | List of `name` with `values` (a closed set, refused when it is another and there is no `other`) or a `limit` (`20` values, later ones become `other`); four at most |
| `buckets` | required for histograms | Bounds, ascending, or the name of a [set](metrics.md#bucket-sets) |
| `cumulative` | `false` | `true`, for counters only: what is told is the running total that somebody else keeps, not what was added; see below |
| `max_series` | `1000` | Most series; more are refused and counted in `fleet_exporter_series_dropped_total{group="custom"}` |

A cumulative counter is shown as it is told: what a database or another system counts for itself. When it falls,
Prometheus sees a reset. There is no series before the first value, one that is not told for a day is forgotten, and
label values without a place are refused instead of becoming `other`. The newest value counts, so it may be read by
[a query](#type-postgres) with every scrape.

## Backup objectives

```yaml
backups:
  targets:
    database: {rpo: 1d, rto: 1h}
```

`rpo` (the most data that may be lost, as time) and `rto` (the longest a restore may take) of each backup
target are exported as `fleet_backup_rpo_target_seconds` and `fleet_backup_rto_target_seconds`, so that
rules compare with them. They take effect on reload.
)";

std::string Cell(std::string_view pattern) {
  if (pattern.empty()) return "";
  std::string text(pattern);
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
  return fmt::format("`{}`", text);
}

}  // namespace

std::string PrintConfigPartsMarkdown() {
  std::string text = kErrors;
  for (const ErrorRule& rule : BuiltinErrorRules()) {
    text += fmt::format("| {} | {} | {} | {} |\n", Cell(rule.message), Cell(rule.code), rule.severity,
                        rule.category);
  }
  return text + kCustom;
}

}  // namespace fleet
