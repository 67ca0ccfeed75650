// The section `notifications`.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lib/yaml/reader.h"
#include "rulegen/policy/notifications.h"
#include "rulegen/policy/read_parts.h"
#include "rulegen/policy/read_query.h"

namespace fleet::rulegen {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

struct Setting {
  const char* key;   // in the policy
  const char* name;  // in Alertmanager's file
  bool is_required = false;
};

struct KindRow {
  const char* key;
  Receiver::Kind kind;
  std::vector<Setting> settings;
};

const std::vector<KindRow>& Kinds() {
  static const std::vector<KindRow> kinds = {
      {"email",
       Receiver::Kind::kEmail,
       {{"to", "to", true},
        {"from", "from", true},
        {"smarthost", "smarthost", true},
        {"username", "auth_username"},
        {"password_file", "auth_password_file"}}},
      {"slack", Receiver::Kind::kSlack, {{"channel", "channel", true}, {"url_file", "api_url_file", true}}},
      {"pagerduty", Receiver::Kind::kPagerDuty, {{"routing_key_file", "routing_key_file", true}}},
      {"webhook", Receiver::Kind::kWebhook, {{"url", "url", true}, {"credentials_file", "credentials_file"}}},
  };
  return kinds;
}

// What Alertmanager would refuse, and the whole file with it.
void CheckSetting(std::string_view key, const Located<std::string>& value, Diagnostics& diagnostics) {
  if (value->empty()) return;
  if (key == "url" && !value->starts_with("https://") && !value->starts_with("http://")) {
    diagnostics.AddError(value.span, "url-invalid", "a link begins with https:// or http://");
  }
  const std::size_t colon = value->rfind(':');
  if (key == "smarthost" && (colon == 0 || colon >= value->size() - 1)) {
    diagnostics.AddError(value.span, "value-type",
                         "'smarthost' must be a host and a port such as smtp.example.org:587");
  }
}

Settings ReadSettings(const yaml::Node& node, const KindRow& kind, Diagnostics& diagnostics) {
  const std::string what = fmt::format("'{}'", kind.key);
  yaml::MapReader map(node, what, diagnostics);
  Settings settings;
  for (const Setting& setting : kind.settings) {
    if (setting.is_required) {
      const auto value = map.Required(setting.key, yaml::ReadString);
      CheckSetting(setting.key, value, diagnostics);
      settings.emplace_back(setting.name, *value);
    } else if (auto value = map.Optional(setting.key, yaml::ReadString)) {
      settings.emplace_back(setting.name, **value);
    }
  }
  map.Finish();
  return settings;
}

Receiver ReadReceiver(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "a receiver", diagnostics);
  Receiver receiver;
  receiver.name = map.Required("name", yaml::ReadString);
  int given = 0;
  for (const KindRow& kind : Kinds()) {
    const yaml::Node* settings = map.Find(kind.key);
    if (settings == nullptr) continue;
    ++given;
    receiver.kind = kind.kind;
    receiver.settings = ReadSettings(*settings, kind, diagnostics);
  }
  if (given != 1) {
    diagnostics.AddError(node.span, given == 0 ? "choice-missing" : "choice-conflict",
                         fmt::format("a receiver needs one of email, slack, pagerduty, webhook{}",
                                     given == 0 ? "" : ", and only one"));
  }
  map.Finish();
  return receiver;
}

// severity: [receiver, ...]
std::vector<SeverityRoute> ReadRoutes(yaml::MapReader& map) {
  std::vector<SeverityRoute> routes;
  for (const AlertSeverity each : kSeverities) {
    const std::string severity(Name(each));
    const yaml::Node* node = map.Find(severity);
    if (node == nullptr) continue;
    routes.push_back({{severity, node->span}, yaml::ReadStrings(*node, severity, map.diagnostics())});
  }
  return routes;
}

TeamRoutes ReadTeam(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "a team", diagnostics);
  TeamRoutes team;
  team.team = map.Required("team", yaml::ReadString);
  team.routes = ReadRoutes(map);
  map.Finish();
  return team;
}

// "monday", "monday:friday". Weeks begin on Sunday, as in Alertmanager.
bool IsDayRange(std::string_view text) {
  const auto number = [](std::string_view name) {
    for (const auto& day : kWeekdays) {
      if (day.name == name) return day.value;
    }
    return -1;
  };
  const std::size_t colon = text.find(':');
  const int first = number(text.substr(0, colon));
  return first >= 0 && (colon == std::string_view::npos || number(text.substr(colon + 1)) >= first);
}

// "18:00-24:00".
bool IsTimeRange(std::string_view text) {
  const std::size_t dash = std::min(text.find('-'), text.size());
  const auto begin = ParseTimeOfDay(text.substr(0, dash));
  const auto end = ParseTimeOfDay(text.substr(std::min(dash + 1, text.size())));
  return begin && end && *begin < *end;
}

std::vector<Located<std::string>> ReadRanges(yaml::MapReader& map, const char* key, std::string_view expected,
                                             bool (*is_range)(std::string_view)) {
  std::vector<Located<std::string>> ranges;
  const yaml::Node* node = map.Find(key);
  if (node == nullptr) return ranges;
  for (const yaml::Node& item : yaml::ReadItems(*node, key, map.diagnostics())) {
    const std::string name = fmt::format("an item of '{}'", key);
    auto text = yaml::ReadString(item, name, map.diagnostics());
    if (!text) continue;
    if (is_range(*text)) {
      ranges.push_back({*std::move(text), item.span});
    } else {
      yaml::ReportValue(item, name, expected, map.diagnostics());
    }
  }
  return ranges;
}

MuteInterval ReadMute(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "a mute interval", diagnostics);
  MuteInterval mute;
  mute.name = map.Required("name", yaml::ReadString);
  if (const yaml::Node* severities = map.Find("severities")) {
    for (const yaml::Node& item : yaml::ReadItems(*severities, "severities", diagnostics)) {
      if (const auto severity = ReadSeverity(item, "an item of 'severities'", diagnostics))
        mute.severities.push_back({std::string(Name(*severity)), item.span});
    }
  }
  mute.weekdays = ReadRanges(map, "weekdays",
                             "a day such as sunday, or days such as monday:friday, sunday first", IsDayRange);
  mute.times =
      ReadRanges(map, "times", "a part of a day such as 18:00-24:00, its end behind its begin", IsTimeRange);
  mute.location = map.Optional("location", yaml::ReadString);
  map.Finish();
  return mute;
}

template <typename T, typename ReadOne>
void ReadList(yaml::MapReader& map, const char* key, ReadOne read, std::vector<T>& values) {
  const yaml::Node* node = map.Find(key);
  if (node == nullptr) return;
  for (const yaml::Node& item : yaml::ReadItems(*node, key, map.diagnostics())) {
    values.push_back(read(item, map.diagnostics()));
  }
}

Notifications ReadSection(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "'notifications'", diagnostics);
  Notifications result;
  result.span = node.span;
  ReadList(map, "receivers", ReadReceiver, result.receivers);
  if (const yaml::Node* routes = map.Require("severities")) {
    yaml::MapReader severities(*routes, "'severities'", diagnostics);
    result.routes = ReadRoutes(severities);
    severities.Finish();
  }
  ReadList(map, "teams", ReadTeam, result.teams);
  ReadList(map, "mute", ReadMute, result.mutes);
  for (const auto& [key, time] :
       {std::pair{"group_wait", &result.group_wait}, std::pair{"group_interval", &result.group_interval},
        std::pair{"repeat", &result.repeat}}) {
    if (auto value = map.Optional(key, ReadWindow)) *time = **value;
  }
  map.Finish();
  return result;
}

}  // namespace

std::string_view Name(Receiver::Kind kind) {
  for (const KindRow& row : Kinds()) {
    if (row.kind == kind) return row.key;
  }
  return {};
}

std::optional<Notifications> ReadNotifications(const SourceText& source, Diagnostics& diagnostics) {
  Diagnostics reported_already(source);
  const auto root = yaml::Parse(source, reported_already);
  if (!root || root->kind != yaml::Kind::kMap) return std::nullopt;
  const yaml::Entry* section = root->Find("notifications");
  if (section == nullptr) return std::nullopt;
  return ReadSection(section->value, diagnostics);
}

}  // namespace fleet::rulegen
