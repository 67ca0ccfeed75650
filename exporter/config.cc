#include "exporter/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "exporter/settings.h"
#include "exporter/sources/source_config.h"
#include "lib/base/text.h"
#include "lib/yaml/reader.h"

namespace fleet {
namespace {

// Where each value of the file stands, for conflicts between two of them.
using Places = std::map<std::string, Span, std::less<>>;

std::string_view SectionOf(const Setting& setting) { return setting.key.substr(0, setting.key.find('.')); }
std::string_view KeyOf(const Setting& setting) { return setting.key.substr(setting.key.find('.') + 1); }

void ReadValue(const Setting& setting, const yaml::Node& node, std::string_view name, Config& config,
               Diagnostics& diagnostics) {
  Config scratch;
  const std::string expected = setting.set(scratch, "").value_or("");
  std::optional<std::string> text;
  if (setting.is_text) {
    text = yaml::ReadString(node, name, diagnostics);
  } else if (const auto plain = yaml::ReadPlain(node, name, expected, diagnostics)) {
    text = std::string(*plain);
  }
  if (text && setting.set(config, *text)) yaml::ReportValue(node, name, expected, diagnostics);
}

void ReadSetting(const Setting& setting, const yaml::Node& node, Config& config, Diagnostics& diagnostics) {
  const std::string_view key = KeyOf(setting);
  if (!setting.is_list()) {
    ReadValue(setting, node, key, config, diagnostics);
    return;
  }
  const std::string item_name = fmt::format("an item of '{}'", key);
  setting.clear(config);
  for (const yaml::Node& item : yaml::ReadItems(node, key, diagnostics)) {
    ReadValue(setting, item, item_name, config, diagnostics);
  }
}

// workers.types: limits by worker type.
void ReadWorkerTypes(const yaml::Node& types, Config& config, Places& places, Diagnostics& diagnostics) {
  if (types.kind != yaml::Kind::kMap) {
    diagnostics.AddError(types.span, "value-type", "'types' must be a map of worker types");
    return;
  }
  for (const yaml::Entry& entry : types.entries) {
    const std::string what = fmt::format("worker type '{}'", *entry.key);
    yaml::MapReader map(entry.value, what, diagnostics);
    HeartbeatLimits limits;
    const auto stale = map.Required("stale_after", yaml::ReadDuration, limits.stale);
    const auto down = map.Required("down_after", yaml::ReadDuration, limits.down);
    map.Finish();
    config.fleet.by_type[*entry.key] = {*stale, *down};
    places[fmt::format("workers.types.{}.down_after", *entry.key)] = down.span;
  }
}

void ReadSection(std::string_view section, const yaml::Node& node, Config& config, Places& places,
                 Diagnostics& diagnostics) {
  const std::string what = fmt::format("section '{}'", section);
  yaml::MapReader map(node, what, diagnostics);
  for (const Setting& setting : Settings()) {
    if (SectionOf(setting) != section) continue;
    const yaml::Node* value = map.Find(KeyOf(setting));
    if (value == nullptr) continue;
    places[std::string(setting.key)] = value->span;
    ReadSetting(setting, *value, config, diagnostics);
  }
  if (section == "workers") {
    if (const yaml::Node* types = map.Find("types")) ReadWorkerTypes(*types, config, places, diagnostics);
  }
  map.Finish();
}

bool IsBlank(std::string_view text) {
  return std::ranges::all_of(Split(text, '\n'), [](std::string_view line) {
    return Trim(line).empty() || Trim(line).front() == '#';
  });
}

void CheckSilence(const std::string& stale_key, const std::string& down_key, const HeartbeatLimits& limits,
                  std::vector<ConfigConflict>& conflicts) {
  if (limits.stale < limits.down) return;
  conflicts.push_back(
      {down_key, fmt::format("{} ({}) must be longer than {} ({})", down_key, PrintDuration(limits.down),
                             stale_key, PrintDuration(limits.stale))});
}

}  // namespace

std::vector<ConfigConflict> FindConflicts(const Config& config) {
  std::vector<ConfigConflict> conflicts;
  CheckSilence("workers.stale_after", "workers.down_after", config.fleet.worker, conflicts);
  for (const auto& [type, limits] : config.fleet.by_type) {
    CheckSilence(fmt::format("workers.types.{}.stale_after", type),
                 fmt::format("workers.types.{}.down_after", type), limits, conflicts);
  }
  CheckSilence("runners.stale_after", "runners.offline_after", config.fleet.runner, conflicts);
  const IngestLimits& limits = config.ingest.limits;
  if (limits.max_plain_bytes < limits.max_body_bytes) {
    conflicts.push_back(
        {"ingest.max_plain_bytes", fmt::format("ingest.max_plain_bytes ({}) must not be less than "
                                               "ingest.max_body_bytes ({})",
                                               limits.max_plain_bytes, limits.max_body_bytes)});
  }
  return conflicts;
}

Config ReadConfig(const SourceText& source, Diagnostics& diagnostics) {
  Config config;
  Places places;
  if (IsBlank(source.text())) return config;
  const std::optional<yaml::Node> root = yaml::Parse(source, diagnostics);
  if (!root) return config;
  yaml::MapReader map(*root, "the configuration", diagnostics);
  std::string_view section;
  for (const Setting& setting : Settings()) {
    if (SectionOf(setting) == section) continue;
    section = SectionOf(setting);
    if (const yaml::Node* node = map.Find(section)) ReadSection(section, *node, config, places, diagnostics);
  }
  if (const yaml::Node* node = map.Find("sources")) config.sources = ReadSources(*node, diagnostics);
  map.Finish();
  for (const ConfigConflict& conflict : FindConflicts(config)) {
    const auto place = places.find(conflict.key);
    diagnostics.AddError(place != places.end() ? place->second : root->span, "value-conflict", conflict.text);
  }
  return config;
}

}  // namespace fleet
