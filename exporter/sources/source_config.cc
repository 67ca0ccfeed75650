#include "exporter/sources/source_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "exporter/sources/source_types.h"
#include "lib/base/text.h"
#include "lib/catalog/catalog.h"
#include "lib/yaml/reader.h"

namespace fleet {
namespace {

constexpr Duration kMinInterval = std::chrono::seconds(5);

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::ranges::all_of(text, [](char c) { return IsLower(c) || IsDigit(c) || c == '_' || c == '-'; });
}

// What collect[] could mean otherwise.
bool IsReserved(std::string_view name) {
  if (name == "fleet" || name == "process" || name == "custom") return true;
  return std::ranges::any_of(catalog::kMetrics,
                             [name](const auto& row) { return catalog::Name(row.group) == name; });
}

void ReadValue(const SourceKey& key, const yaml::Node& node, std::string_view name, SourceOptions& options,
               Diagnostics& diagnostics) {
  std::optional<std::string> text;
  if (key.is_text) {
    text = yaml::ReadString(node, name, diagnostics);
  } else if (const auto plain = yaml::ReadPlain(node, name, "a plain value", diagnostics)) {
    text = std::string(*plain);
  }
  if (!text) return;
  if (const auto expected = key.set(options, *text)) {
    yaml::ReportValue(node, name, *expected, diagnostics);
  }
}

void ReadKey(const SourceKey& key, const yaml::Node& node, SourceOptions& options, Diagnostics& diagnostics) {
  switch (key.kind) {
    case SourceKey::Kind::kValue:
      ReadValue(key, node, key.name, options, diagnostics);
      return;
    case SourceKey::Kind::kList: {
      const std::string item_name = fmt::format("an item of '{}'", key.name);
      key.clear(options);
      for (const yaml::Node& item : yaml::ReadItems(node, key.name, diagnostics)) {
        ReadValue(key, item, item_name, options, diagnostics);
      }
      return;
    }
    case SourceKey::Kind::kMap:
      for (const auto& [name, text] : yaml::ReadStringMap(node, key.name, diagnostics)) {
        const auto expected = key.put(options, *name, *text);
        if (!expected) continue;
        diagnostics.AddError(name.span, "key-unknown",
                             fmt::format("a key of '{}' must be {}, not '{}'", key.name, *expected, *name));
      }
      return;
  }
}

const SourceType* ReadType(const yaml::Node& node, Diagnostics& diagnostics) {
  std::vector<std::string_view> names;
  for (const SourceType& type : SourceTypes()) names.push_back(type.name);
  const auto row = yaml::ReadChoice(node, "type", names, diagnostics);
  return row ? &SourceTypes()[*row] : nullptr;
}

std::string ReadName(yaml::MapReader& map, const SourceType& type) {
  const auto name = map.Optional("name", yaml::ReadString);
  if (!name) return std::string(type.name);
  if (IsReserved(**name)) {
    map.diagnostics().AddError(name->span, "name-reserved",
                               fmt::format("'{}' is the name of a collector", **name));
  }
  if (IsName(**name)) return **name;
  map.diagnostics().AddError(name->span, "value-type",
                             "'name' must have lower-case letters, digits, _ and - only");
  return std::string(type.name);
}

std::optional<SourceConfig> ReadSource(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "a source", diagnostics);
  const yaml::Node* const type_node = map.Require("type");
  const SourceType* const type = type_node == nullptr ? nullptr : ReadType(*type_node, diagnostics);
  if (type == nullptr) return std::nullopt;
  SourceConfig config;
  config.type = std::string(type->name);
  config.name = ReadName(map, *type);
  const auto min_interval = map.Optional("min_interval", yaml::ReadDuration);
  config.min_interval = min_interval ? **min_interval : kMinInterval;
  config.interval = type->interval;
  if (type->interval.count() > 0) {
    config.min_interval = min_interval ? **min_interval : Duration{};
    if (const auto interval = map.Optional("interval", yaml::ReadDuration)) config.interval = **interval;
    if (config.interval < std::chrono::milliseconds(100)) {
      diagnostics.AddError(map.span(), "value-type", "'interval' must be at least 100ms");
    }
  }
  std::shared_ptr<SourceOptions> options = type->defaults();
  for (const SourceKey& key : type->keys) {
    const yaml::Node* const value = key.required ? map.Require(key.name) : map.Find(key.name);
    if (value != nullptr) ReadKey(key, *value, *options, diagnostics);
  }
  map.Finish();
  if (const auto problem = type->check(*options)) {
    const yaml::Entry* const entry = node.Find(problem->key);
    diagnostics.AddError(entry == nullptr ? node.span : entry->value.span, "value-conflict", problem->text);
  }
  config.make = [type, options, name = config.name] { return type->make(*options, name); };
  return config;
}

std::string Row(std::string_view key, std::string_view printed, std::string_view help) {
  const std::string value = printed.empty() ? "" : fmt::format("`{}`", printed);
  return fmt::format("| `{}` | {} | {} |\n", key, value, help);
}

std::string PrintType(const SourceType& type) {
  std::string text = fmt::format(
      "\n### `type: {}`\n\n{}\n\n| key | default | what it sets |\n|---|---|---|\n", type.name, type.summary);
  const auto defaults = type.defaults();
  if (type.interval.count() > 0) {
    text +=
        Row("interval", PrintDuration(type.interval), "How often it is read, whether anybody scrapes or not");
  }
  for (const SourceKey& key : type.keys) {
    text += Row(key.name, key.required ? "" : key.print(*defaults),
                key.required ? fmt::format("**Required.** {}", key.help) : std::string(key.help));
  }
  if (!type.notes.empty()) text += fmt::format("\n{}\n", type.notes);
  return text;
}

constexpr char kIntroduction[] = R"(
## Sources

What is not pushed can be read. `sources` is a list of what to ask; each has a `type`:

```yaml
sources:
  - type: coordinator
    url: http://127.0.0.1:8000
  - type: redis
    name: celery-broker
    preset: celery
```

All sources are read when Prometheus scrapes, at the same time, each in a thread of its own and once at a time.
A read ends half a second before the scrape does (`X-Prometheus-Scrape-Timeout-Seconds`; without that header see
`web.scrape_timeout`), and is cancelled then. A source that fails is `fleet_source_up 0`,
`fleet_exporter_collector_success 0` and one line in the log; the page stays 200 and shows everything else.

Secrets are read from files, each time a connection is made, so they can be rotated. Changes of this section
take effect at the next start.

`/metrics?collect[]=NAME` reads only the sources named and shows only the groups of metrics named,
`exclude[]=NAME` all but those; not both in one request. Names are those of the sources, of the groups in
[metrics.md](metrics.md) (`workers`, `queues`, ...), `custom` and `process`. Where only sources are named all
groups are shown, and the other way round.

Keys every source has:

| key | default | what it sets |
|---|---|---|
| `type` |  | **Required.** One of those below |
| `name` | the type | Label `source` and `collector`; needed where two are of one type. Lower-case letters, digits, `_` and `-` |
| `min_interval` | `5s` | Least time from one read to the next; scrapes in between show what is known. `0s` where `interval` exists |
)";

}  // namespace

std::vector<SourceConfig> ReadSources(const yaml::Node& node, Diagnostics& diagnostics) {
  std::vector<SourceConfig> sources;
  for (const yaml::Node& item : yaml::ReadItems(node, "sources", diagnostics)) {
    auto source = ReadSource(item, diagnostics);
    if (!source) continue;
    const std::string& name = source->name;
    if (std::ranges::find(sources, name, &SourceConfig::name) != sources.end()) {
      diagnostics.AddError(item.span, "name-duplicate",
                           fmt::format("two sources have the name '{}'; give one another 'name'", name));
      continue;
    }
    sources.push_back(*std::move(source));
  }
  if (sources.size() > kMostSources) {
    diagnostics.AddError(node.span, "too-many", fmt::format("there are more than {} sources", kMostSources));
  }
  return sources;
}

std::string PrintSourcesMarkdown() {
  std::string text = kIntroduction;
  for (const SourceType& type : SourceTypes()) text += PrintType(type);
  return text;
}

}  // namespace fleet
