// Who is told of which alert, and by what: the section `notifications` of a policy.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/diagnostics.h"
#include "lib/base/duration.h"
#include "lib/base/source_text.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

// Where notifications go. Secrets are names of files that Alertmanager reads; never the secrets themselves.
struct Receiver {
  enum class Kind { kEmail, kSlack, kPagerDuty, kWebhook };
  Located<std::string> name;
  Kind kind = Kind::kEmail;
  // Settings of Alertmanager by their names, in its order; the reader lets only known ones through.
  std::vector<std::pair<std::string, std::string>> settings;
};

// The key in the policy: "email".
std::string_view Name(Receiver::Kind kind);

// The receiver that tells nobody; names of several are joined by '+' to one that tells all of them.
inline constexpr char kNobody[] = "nobody";

// What is done with a severity: the receivers that are told. None: nobody is.
struct SeverityRoute {
  Located<std::string> severity;
  std::vector<Located<std::string>> receivers;
};

// Alerts whose label `team` is this one go other ways; severities that are not named go the common one.
struct TeamRoutes {
  Located<std::string> team;
  std::vector<SeverityRoute> routes;
};

// Times at which alerts of some severities notify nobody. UTC, or the location.
struct MuteInterval {
  Located<std::string> name;
  std::vector<Located<std::string>> severities;
  std::vector<Located<std::string>> weekdays;  // monday, tuesday:friday
  std::vector<Located<std::string>> times;     // 18:00-24:00
  std::optional<Located<std::string>> location;
};

struct Notifications {
  Span span;
  std::vector<Receiver> receivers;
  std::vector<SeverityRoute> routes;
  std::vector<TeamRoutes> teams;
  std::vector<MuteInterval> mutes;
  Duration group_wait = std::chrono::seconds(30);
  Duration group_interval = std::chrono::minutes(5);
  Duration repeat = std::chrono::hours(1);
};

// Nothing where the policy has no such section, or is no YAML, which ReadPolicy reports. A section of its
// own, apart from Policy: nothing that rules or dashboards are made of depends on who is told.
std::optional<Notifications> ReadNotifications(const SourceText& source, Diagnostics& diagnostics);

// Every receiver is known, and every alert goes where somebody decided.
void CheckNotifications(const Policy& policy, const Notifications& notifications, Diagnostics& diagnostics);

}  // namespace fleet::rulegen
