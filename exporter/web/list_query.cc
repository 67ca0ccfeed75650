#include "exporter/web/list_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "exporter/web/router.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

tl::unexpected<Error> Wrong(std::string text) { return tl::make_unexpected(Error{std::move(text)}); }

Result<void> SetLimit(const std::string& value, ListQuery& query) {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), query.limit);
  const bool whole = error == std::errc() && end == value.data() + value.size();
  if (whole && query.limit >= 1 && query.limit <= kLargestPage) return {};
  return Wrong(fmt::format("limit must be a whole number from 1 to {}", kLargestPage));
}

Result<void> Set(std::string_view name, const std::string& value, const ListParameters& parameters,
                 ListQuery& query) {
  if (name == "limit") return SetLimit(value, query);
  if (name == "after") {
    query.after = value;
  } else if (name == "state" && !parameters.states.empty()) {
    if (std::ranges::find(parameters.states, value) == parameters.states.end()) {
      const std::vector<std::string> states(parameters.states.begin(), parameters.states.end());
      return Wrong(fmt::format("state must be one of {}, not '{}'", Join(states, ", "), Printable(value)));
    }
    query.state = value;
  } else if (!parameters.type_name.empty() && name == parameters.type_name) {
    query.type = value;
  } else if (name == "silent_for" && parameters.silent_for) {
    const auto duration = ParseDuration(value);
    if (!duration) return Wrong("silent_for must be a duration such as 90s, 5m or 1h30m");
    query.silent_for = *duration;
  } else {
    return Wrong(fmt::format("there is no parameter '{}' here", Printable(name)));
  }
  return {};
}

}  // namespace

Result<ListQuery> ParseListQuery(std::string_view text, const ListParameters& parameters) {
  ListQuery query;
  for (const std::string_view part : Split(text, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      return Wrong(fmt::format("'{}' has no value", Printable(part)));
    }
    const auto value = PercentDecode(part.substr(equals + 1));
    if (!value) return Wrong("malformed escape in the query");
    if (const auto set = Set(part.substr(0, equals), *value, parameters, query); !set) {
      return tl::make_unexpected(set.error());
    }
  }
  return query;
}

}  // namespace fleet
