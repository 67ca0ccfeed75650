#include "rulegen/emit/alertmanager.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "lib/base/text.h"
#include "lib/promql/regex.h"
#include "rulegen/emit/yaml_text.h"
#include "rulegen/plan/inhibitions.h"

namespace fleet::rulegen {
namespace {

const char* ConfigsOf(Receiver::Kind kind) {
  switch (kind) {
    case Receiver::Kind::kEmail:
      return "email_configs";
    case Receiver::Kind::kSlack:
      return "slack_configs";
    case Receiver::Kind::kPagerDuty:
      return "pagerduty_configs";
    case Receiver::Kind::kWebhook:
      return "webhook_configs";
  }
  return "";
}

// What each kind says beside its settings: the texts that the rules give, and when an alert has ended.
const char* TextsOf(Receiver::Kind kind) {
  switch (kind) {
    case Receiver::Kind::kEmail:
      return R"(        send_resolved: true
        headers:
          subject: '[{{ .Status | toUpper }}] {{ .CommonLabels.severity }}: {{ .CommonLabels.alertname }} {{ .CommonLabels.slo_id }}'
)";
    case Receiver::Kind::kSlack:
      return R"(        send_resolved: true
        title: '[{{ .Status | toUpper }}] {{ .CommonLabels.severity }}: {{ .CommonLabels.alertname }}'
        title_link: '{{ .CommonAnnotations.dashboard_url }}'
        text: '{{ range .Alerts }}{{ .Annotations.summary }}{{ "\n" }}{{ .Annotations.description }}{{ "\n" }}Runbook: {{ .Annotations.runbook_url }}{{ "\n" }}{{ end }}'
)";
    case Receiver::Kind::kPagerDuty:
      return R"(        send_resolved: true
        severity: '{{ if eq .CommonLabels.severity "critical" }}critical{{ else }}warning{{ end }}'
        description: '{{ range .Alerts }}{{ .Annotations.summary }} {{ end }}'
        details:
          description: '{{ range .Alerts }}{{ .Annotations.description }} {{ end }}'
          runbook: '{{ .CommonAnnotations.runbook_url }}'
)";
    case Receiver::Kind::kWebhook:
      return "        send_resolved: true\n";
  }
  return "";
}

// A route's receiver is a set of the policy's receivers, and is called after them.
std::string NameOf(const SeverityRoute& route) {
  std::string name;
  for (const Text& receiver : route.receivers) name += (name.empty() ? "" : "+") + *receiver;
  return name.empty() ? kNobody : name;
}

std::string TextList(const std::vector<Text>& texts) {
  std::string list;
  for (const Text& text : texts) list += (list.empty() ? "" : ", ") + YamlQuoted(*text);
  return "[" + list + "]";
}

class AlertmanagerFile {
 public:
  AlertmanagerFile(const Policy& policy, const Notifications& notifications, std::string header)
      : policy_(policy), notifications_(notifications), out_(std::move(header)) {}

  std::string Render() {
    AddRoutes();
    AddInhibitions();
    AddMutes();
    AddReceivers();
    return std::move(out_);
  }

 private:
  template <typename... Args>
  void Line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  static std::string Matcher(std::string_view label, std::string_view op, const std::string& value) {
    return YamlQuoted(fmt::format("{}{}{}", label, op, YamlQuoted(value)));
  }

  // One notification tells of one alert of one SLO, or of one threshold of a service, in all its groups.
  void AddRoutes() {
    Line("route:");
    Line("  receiver: {}", kNobody);
    Line("  group_by: [alertname, slo_id, slo_service]");
    Line("  group_wait: {}", PrintDuration(notifications_.group_wait));
    Line("  group_interval: {}", PrintDuration(notifications_.group_interval));
    Line("  repeat_interval: {}", PrintDuration(notifications_.repeat));
    Line("  routes:");
    for (const TeamRoutes& team : notifications_.teams) {
      for (const SeverityRoute& route : team.routes) AddRoute(route, *team.team);
    }
    for (const SeverityRoute& route : notifications_.routes) AddRoute(route, {});
  }

  void AddRoute(const SeverityRoute& route, const std::string& team) {
    Line("    - receiver: {}", YamlQuoted(NameOf(route)));
    Line("      matchers:");
    if (!team.empty()) Line("        - {}", Matcher("team", "=", team));
    Line("        - {}", Matcher("severity", "=", *route.severity));
    std::vector<Text> mutes;
    for (const MuteInterval& mute : notifications_.mutes) {
      const auto is_named = [&](const Text& severity) { return *severity == *route.severity; };
      if (std::any_of(mute.severities.begin(), mute.severities.end(), is_named)) mutes.push_back(mute.name);
    }
    if (!mutes.empty()) Line("      mute_time_intervals: {}", TextList(mutes));
  }

  std::string EqualLabels() const {
    std::vector<Text> labels = {{"slo_id", {}}};
    for (const Slo& slo : policy_.slos) {
      for (const Text& label : slo.by) {
        const auto is_same = [&](const Text& other) { return *other == *label; };
        if (std::none_of(labels.begin(), labels.end(), is_same)) labels.push_back(label);
      }
    }
    return TextList(labels);
  }

  void AddInhibition(const std::string& source, const std::string& target, const std::string& equal) {
    Line("  - source_matchers: [{}]", source);
    Line("    target_matchers: [{}]", target);
    Line("    equal: {}", equal);
  }

  void AddInhibitions() {
    Line("inhibit_rules:");
    for (const Inhibition& inhibition : InhibitionsOf(policy_)) {
      if (inhibition.source == Inhibition::Source::kTargetDown) {
        AddInhibition(Matcher("alertname", "=", inhibition.name), Matcher("slo_id", "=~", ".+"),
                      "[slo_service]");
        continue;
      }
      std::string slower;
      for (const std::string& tier : inhibition.quiet)
        slower += (slower.empty() ? "" : "|") + promql::RegexLiteral(tier);
      AddInhibition(Matcher("slo_tier", "=", inhibition.name), Matcher("slo_tier", "=~", slower),
                    EqualLabels());
    }
  }

  void AddMutes() {
    if (notifications_.mutes.empty()) return;
    Line("time_intervals:");
    for (const MuteInterval& mute : notifications_.mutes) {
      Line("  - name: {}", YamlQuoted(*mute.name));
      Line("    time_intervals:");
      std::string_view lead = "-";
      const auto entry = [&](const std::string& text) {
        Line("      {} {}", lead, text);
        lead = " ";
      };
      if (!mute.weekdays.empty()) entry("weekdays: " + TextList(mute.weekdays));
      if (!mute.times.empty()) entry("times: " + Times(mute.times));
      if (mute.location) entry("location: " + YamlQuoted(**mute.location));
      if (lead == "-") entry("weekdays: [\"sunday:saturday\"]");
    }
  }

  static std::string Times(const std::vector<Text>& times) {
    std::string list;
    for (const Text& time : times) {
      const std::size_t dash = time->find('-');
      list += fmt::format("{}{{start_time: {}, end_time: {}}}", list.empty() ? "" : ", ",
                          YamlQuoted(time->substr(0, dash)),
                          YamlQuoted(dash == std::string::npos ? "24:00" : time->substr(dash + 1)));
    }
    return "[" + list + "]";
  }

  void AddReceivers() {
    Line("receivers:");
    Line("  - name: {}", kNobody);
    std::set<std::string> done = {kNobody};
    const auto add = [&](const SeverityRoute& route) {
      if (done.insert(NameOf(route)).second) AddReceiver(route);
    };
    for (const TeamRoutes& team : notifications_.teams) {
      for (const SeverityRoute& route : team.routes) add(route);
    }
    for (const SeverityRoute& route : notifications_.routes) add(route);
  }

  void AddReceiver(const SeverityRoute& route) {
    Line("  - name: {}", YamlQuoted(NameOf(route)));
    for (const auto kind : {Receiver::Kind::kEmail, Receiver::Kind::kSlack, Receiver::Kind::kPagerDuty,
                            Receiver::Kind::kWebhook}) {
      bool has_heading = false;
      for (const Text& name : route.receivers) {
        for (const Receiver& receiver : notifications_.receivers) {
          if (*receiver.name != *name || receiver.kind != kind) continue;
          if (!has_heading) Line("    {}:", ConfigsOf(kind));
          has_heading = true;
          AddConfig(receiver);
        }
      }
    }
  }

  void AddConfig(const Receiver& receiver) {
    std::string_view lead = "-";
    for (const auto& [name, value] : receiver.settings) {
      if (name == "credentials_file") {
        Line("      {} http_config:\n          authorization:\n            credentials_file: {}", lead,
             YamlQuoted(value));
      } else {
        Line("      {} {}: {}", lead, name, YamlQuoted(value));
      }
      lead = " ";
    }
    out_ += TextsOf(receiver.kind);
  }

  const Policy& policy_;
  const Notifications& notifications_;
  std::string out_;
};

}  // namespace

Output RenderAlertmanager(const Policy& policy, const Notifications& notifications,
                          const Provenance& provenance) {
  std::string header =
      fmt::format("# {}(policy {}).\n# Do not edit: change the policy and run `rulegen build`.\n",
                  provenance.Mark(), provenance.policy_hash);
  return {kAlertmanagerFolder + std::string("/alertmanager.yaml"),
          AlertmanagerFile(policy, notifications, std::move(header)).Render()};
}

}  // namespace fleet::rulegen
