// Rows of a query to facts: a column is a field of an event type, by its name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exporter/sources/clock_skew.h"
#include "exporter/sources/fact.h"
#include "exporter/sources/pg_client.h"
#include "lib/base/result.h"

namespace fleet {

// The columns a row of `type` may have, beside its fields: `time` (unix seconds, or a text as in
// loose_time.h), and for fields with numbers by key `field.key`. Others are an error that names it.
Result<void> CheckColumns(const PgRow& row, std::string_view type);

// The fact of a row, at its `time`, else now; a time in the future is now. REQUIRES: CheckColumns.
Fact ToFact(const PgRow& row, std::string_view type, UnixMillis now, const ClockSkew& skew);

std::optional<UnixMillis> TimeOf(const PgRow& row, std::string_view column, const ClockSkew& skew);
std::optional<double> NumberOf(std::optional<std::string_view> value);

}  // namespace fleet
