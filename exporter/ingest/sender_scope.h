// What a sender may speak about. An empty list binds nothing.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace fleet {

struct SenderScope {
  std::vector<std::string> worker_types;  // of events that name a worker type
  std::vector<std::string> id_prefixes;   // of worker_id, runner_id and sandbox_id
  std::vector<std::string> sources;       // of the envelope; without it a sender could spend another's ids

  bool bound() const { return !worker_types.empty() || !id_prefixes.empty() || !sources.empty(); }

  static bool Allows(const std::vector<std::string>& list, std::string_view value) {
    return list.empty() || std::ranges::find(list, value) != list.end();
  }
  static bool AllowsPrefix(const std::vector<std::string>& list, std::string_view value) {
    return list.empty() ||
           std::ranges::any_of(list, [&](const std::string& prefix) { return value.starts_with(prefix); });
  }
};

}  // namespace fleet
