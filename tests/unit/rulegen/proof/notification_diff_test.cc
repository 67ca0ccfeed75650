#include "rulegen/proof/notification_diff.h"

#include <catch2/catch.hpp>

#include "rulegen/emit/changes_text.h"
#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

constexpr char kNotifications[] = R"(notifications:
  receivers:
    - {name: pagers, pagerduty: {routing_key_file: /etc/key}}
    - {name: chat, slack: {channel: "#a", url_file: /etc/url}}
  severities:
    critical: [pagers]
    warning: [chat]
    info: []
)";

std::string NotificationDiff(const std::string& before, const std::string& after,
                             const char* format = "text") {
  const auto read = [](const std::string& text) {
    const SourceText source("policies.yaml", text);
    Diagnostics diagnostics(source);
    auto notifications = ReadNotifications(source, diagnostics);
    INFO(diagnostics.Render());
    REQUIRE_FALSE(diagnostics.has_errors());
    return notifications;
  };
  const Policy old_policy = PolicyOf(before);
  const Policy new_policy = PolicyOf(after);
  const auto old_notifications = read(before);
  const auto new_notifications = read(after);
  return RenderChanges(
      DescribeNotificationChanges({old_policy, old_notifications}, {new_policy, new_notifications}), format);
}

std::string Sample(const std::string& notifications) { return kSamplePolicy + notifications; }

// What the sample's notifications become when one text in them is another.
std::string Changed(const std::string& what, const std::string& with, const char* format = "text") {
  return NotificationDiff(Sample(kNotifications), Sample(Replaced(kNotifications, what, with)), format);
}

TEST_CASE("notifications that mean the same have no changes") {
  CHECK(NotificationDiff(Sample(kNotifications), Sample(kNotifications) + "# a comment\n") == "no changes\n");
  CHECK(NotificationDiff(kSamplePolicy, kSamplePolicy) == "no changes\n");
}

TEST_CASE("receivers that come, go and change are told") {
  CHECK(Changed("#a", "#b") ==
        "receiver chat: slack (channel #b, api_url_file /etc/url) instead of slack (channel #a, api_url_file "
        "/etc/url)\n");
  CHECK(Changed("  severities", "    - {name: hook, webhook: {url: http://x/}}\n  severities") ==
        "receiver hook: is new: webhook (url http://x/)\n");
  CHECK(NotificationDiff(Sample(Replaced(kNotifications, "  severities",
                                         "    - {name: hook, webhook: {url: http://x/}}\n  severities")),
                         Sample(kNotifications)) ==
        "receiver hook: is gone; it was: webhook (url http://x/)\n");
}

TEST_CASE("routes are told, and who is not any more") {
  CHECK(Changed("critical: [pagers]", "critical: [pagers, chat]") ==
        "severity critical: goes to pagers, chat instead of pagers\n");
  CHECK(Changed("warning: [chat]", "warning: []") == "severity warning: goes to nobody instead of chat\n");
  CHECK(Changed("    info: []\n", "") == "severity info: has no list any more; it went to nobody\n");
  CHECK(Changed("    info: []\n", "    info: []\n  teams: [{team: data, critical: [chat]}]\n") ==
        "team data, severity critical: is new: it goes to chat\n");
}

TEST_CASE("mute intervals and times are told, in Markdown and JSON as well") {
  const std::string mute =
      "    info: []\n  mute: [{name: nights, severities: [warning], times: [\"18:00-24:00\"]}]\n";
  CHECK(Changed("    info: []\n", mute, "markdown") ==
        "- **mute nights**: is new: it silences warning on every day at 18:00-24:00, UTC\n");
  CHECK(Changed("    info: []\n", "    info: []\n  repeat: 2h\n", "json") ==
        "[\n  {\n    \"subject\": \"repeat\",\n    \"change\": \"is 2h instead of 1h\"\n  }\n]\n");
}

TEST_CASE("inhibitions are told where tiers or the alert on targets change") {
  const std::string down = R"(  - alert: TargetDown
    group: queues
    value: {metric: up, where: {job: fleet}}
    equals: 0
    for: 2m
    severity: critical
    summary: s
    description: d
    runbook: r
dashboards:
)";
  CHECK(NotificationDiff(Sample(kNotifications), Replaced(Sample(kNotifications), "dashboards:\n", down)) ==
        "inhibition by TargetDown: is new: it quiets all alerts on SLOs of its service\n");
}

TEST_CASE("a section that comes or goes is told as one") {
  const std::string text = NotificationDiff(Sample(kNotifications), kSamplePolicy);
  CHECK(text.starts_with("notifications: are gone: alertmanager.yaml is not written any more\n"));
  CHECK(text.find("severity critical: has no list any more; it went to pagers\n") != std::string::npos);
  CHECK(NotificationDiff(kSamplePolicy, Sample(kNotifications))
            .starts_with("notifications: are new: alertmanager.yaml is written\n"));
}

}  // namespace
}  // namespace fleet::rulegen
