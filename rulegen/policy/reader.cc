#include "rulegen/policy/reader.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "lib/yaml/reader.h"
#include "rulegen/policy/hash.h"
#include "rulegen/policy/read_parts.h"
#include "rulegen/policy/read_query.h"

namespace fleet::rulegen {
namespace {

constexpr std::int64_t kVersion = 1;

void CheckVersion(yaml::MapReader& map) {
  const auto version = map.Required("version", yaml::ReadInteger, kVersion);
  if (*version == kVersion) return;
  map.diagnostics().AddError(
      version.span, "version-unsupported",
      fmt::format("version {} is not supported; this rulegen reads version {}", *version, kVersion));
}

// "2.42"
std::optional<PrometheusVersion> ReadVersion(const yaml::Node& node, std::string_view name,
                                             Diagnostics& diagnostics) {
  if (node.kind == yaml::Kind::kScalar) {
    PrometheusVersion version;
    const char* const end = node.text.data() + node.text.size();
    const auto major = std::from_chars(node.text.data(), end, version.major);
    if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.') {
      const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
      if (minor.ec == std::errc() && minor.ptr == end) return version;
    }
  }
  yaml::ReportValue(node, name, "a version such as 2.42", diagnostics);
  return std::nullopt;
}

void ReadPrometheus(const yaml::Node& node, Policy& policy, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "'prometheus'", diagnostics);
  if (auto interval = map.Optional("scrape_interval", ReadWindow)) policy.scrape_interval = *interval;
  if (auto job = map.Optional("job", yaml::ReadString)) policy.job = *std::move(job);
  if (auto version = map.Optional("version", ReadVersion)) policy.version = *version;
  policy.retention = map.Optional("retention", ReadWindow);
  map.Finish();
}

template <typename T, typename ReadOne>
std::vector<T> ReadEach(yaml::MapReader& map, std::string_view key, ReadOne read) {
  std::vector<T> values;
  const yaml::Node* node = map.Find(key);
  if (node == nullptr) return values;
  for (const yaml::Node& item : yaml::ReadItems(*node, key, map.diagnostics())) values.push_back(read(item));
  return values;
}

}  // namespace

Policy ReadPolicy(const SourceText& source, Diagnostics& diagnostics) {
  Policy policy;
  policy.hash = PolicyHash(source.text());
  policy.metric_namespace = {std::string(kDefaultNamespace), {}};
  policy.scrape_interval = {kDefaultScrapeInterval, {}};
  policy.tiers = DefaultTiers();
  const auto root = yaml::Parse(source, diagnostics);
  if (!root) return policy;

  yaml::MapReader map(*root, "the policy", diagnostics);
  CheckVersion(map);
  policy.service = map.Required("service", yaml::ReadString);
  policy.job = {policy.service.value, policy.service.span};
  if (auto prefix = map.Optional("namespace", yaml::ReadString)) policy.metric_namespace = *std::move(prefix);
  if (const yaml::Node* labels = map.Find("labels")) {
    policy.labels = yaml::ReadStringMap(*labels, "labels", diagnostics);
  }
  policy.runbook_folder = map.Optional("runbook_folder", yaml::ReadString);
  policy.runbook_url = map.Required("runbook_url", yaml::ReadString);
  policy.dashboard_url = map.Required("dashboard_url", yaml::ReadString);
  if (const yaml::Node* node = map.Find("prometheus")) ReadPrometheus(*node, policy, diagnostics);
  if (const yaml::Node* node = map.Find("burn_rates")) policy.tiers = ReadTiers(*node, diagnostics);
  policy.maintenance = ReadEach<Maintenance>(
      map, "maintenance", [&](const yaml::Node& item) { return ReadMaintenance(item, diagnostics); });
  policy.slos = ReadEach<Slo>(
      map, "slos", [&](const yaml::Node& item) { return ReadSlo(item, policy.tiers, diagnostics); });
  policy.alerts = ReadEach<ThresholdAlert>(
      map, "alerts", [&](const yaml::Node& item) { return ReadThresholdAlert(item, diagnostics); });
  policy.dashboards = ReadEach<Dashboard>(
      map, "dashboards", [&](const yaml::Node& item) { return ReadDashboard(item, diagnostics); });
  if (const auto legacy = map.Optional("legacy_names", yaml::ReadBool)) policy.legacy_names = **legacy;
  map.Find("notifications");  // notifications.h
  map.Finish();
  return policy;
}

}  // namespace fleet::rulegen
