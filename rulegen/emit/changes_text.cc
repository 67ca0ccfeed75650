#include "rulegen/emit/changes_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>

namespace fleet::rulegen {
namespace {

// Without its subject, which stands before it.
std::string_view Predicate(const DescribedChange& change) {
  std::string_view text = change.text;
  if (text.starts_with(change.subject + " ")) text.remove_prefix(change.subject.size() + 1);
  return text;
}

}  // namespace

std::string RenderChanges(const std::vector<DescribedChange>& changes, std::string_view format) {
  if (format == "json") {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const DescribedChange& change : changes) {
      json.push_back({{"subject", change.subject}, {"change", change.text}});
    }
    return json.dump(2) + "\n";
  }
  const bool is_markdown = format == "markdown";
  if (changes.empty()) return is_markdown ? "No changes.\n" : "no changes\n";
  std::string out;
  for (const DescribedChange& change : changes) {
    out += is_markdown ? fmt::format("- **{}**: {}\n", change.subject, Predicate(change))
                       : fmt::format("{}: {}\n", change.subject, Predicate(change));
  }
  return out;
}

}  // namespace fleet::rulegen
