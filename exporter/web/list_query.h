// The query of a list: ?state=zombie&type=docker&silent_for=10m&limit=100&after=KEY.
#pragma once

#include <span>
#include <string_view>

#include "exporter/fleet/views.h"
#include "lib/base/result.h"

namespace fleet {

inline constexpr std::size_t kLargestPage = 1000;

// What a list can be asked for, beside limit and after.
struct ListParameters {
  std::span<const std::string_view> states;  // none: it has no states
  std::string_view type_name;                // "worker_type"; empty: it has no types
  bool silent_for = false;
};

// The error is a sentence for the caller. Unknown parameters are errors: a filter that is not applied
// would hand a cleanup job the wrong things.
Result<ListQuery> ParseListQuery(std::string_view query, const ListParameters& parameters);

}  // namespace fleet
