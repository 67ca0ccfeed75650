#include "exporter/web/collector_selection.h"

#include <fmt/format.h>

#include <algorithm>

#include "exporter/web/router.h"
#include "lib/base/text.h"
#include "lib/catalog/catalog.h"

namespace fleet {
namespace {

constexpr std::string_view kProcess = "process";
constexpr std::string_view kCustom = "custom";

bool IsGroup(std::string_view name) {
  const auto is_name = [name](const catalog::MetricDef& row) { return catalog::Name(row.group) == name; };
  return name == kProcess || name == kCustom || std::ranges::any_of(catalog::kMetrics, is_name);
}

}  // namespace

std::string_view GroupOf(std::string_view family, std::string_view metric_namespace) {
  if (family.starts_with("process_")) return kProcess;
  if (!family.starts_with(metric_namespace)) return kCustom;
  const std::size_t prefix = std::min(family.size(), metric_namespace.size() + 1);
  const catalog::MetricDef* const row = catalog::Find(family.substr(prefix));
  return row == nullptr ? kCustom : catalog::Name(row->group);
}

Result<CollectorSelection> CollectorSelection::Parse(std::string_view query,
                                                     const std::vector<std::string>& sources) {
  CollectorSelection selection;
  for (const std::string_view parameter : Split(query, '&')) {
    const std::size_t equals = parameter.find('=');
    const auto name = PercentDecode(parameter.substr(0, equals));
    if (name != "collect[]" && name != "exclude[]") continue;
    const auto value = PercentDecode(equals == parameter.npos ? "" : parameter.substr(equals + 1));
    const Mode mode = *name == "collect[]" ? Mode::kCollect : Mode::kExclude;
    if (selection.mode_ != Mode::kEverything && selection.mode_ != mode) {
      return Fail("collect[] and exclude[] do not go together");
    }
    selection.mode_ = mode;
    const bool is_source = value && std::ranges::find(sources, *value) != sources.end();
    if (!is_source && !(value && IsGroup(*value))) {
      return Fail(fmt::format("no collector '{}'", Printable(value.value_or("?").substr(0, 64))));
    }
    (is_source ? selection.sources_ : selection.groups_).insert(*value);
  }
  return selection;
}

bool CollectorSelection::Selects(const Names& names, std::string_view name) const {
  if (mode_ == Mode::kEverything || names.empty()) return true;
  return names.contains(name) == (mode_ == Mode::kCollect);
}

bool CollectorSelection::Reads(std::string_view source) const { return Selects(sources_, source); }

bool CollectorSelection::Shows(std::string_view group) const { return Selects(groups_, group); }

Snapshot CollectorSelection::Filter(const Snapshot& snapshot, std::string_view metric_namespace) const {
  Snapshot filtered;
  for (const FamilySnapshot& family : snapshot.families) {
    if (Shows(GroupOf(family.header->name, metric_namespace))) filtered.families.push_back(family);
  }
  return filtered;
}

}  // namespace fleet
