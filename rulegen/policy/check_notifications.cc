// Receivers and routes: every name is known, and every alert goes where somebody decided.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lib/base/text.h"
#include "rulegen/policy/check_parts.h"
#include "rulegen/policy/notifications.h"

namespace fleet::rulegen {
namespace {

class SeverityCheck {
 public:
  SeverityCheck(const Notifications& notifications, Diagnostics& diagnostics) : diagnostics_(diagnostics) {
    for (const SeverityRoute& route : notifications.routes) routed_.insert(*route.severity);
  }

  void Check(const Located<AlertSeverity>& severity) {
    const std::string name(Name(*severity));
    if (routed_.count(name) != 0 || !reported_.insert(name).second) return;
    diagnostics_.AddError(
        severity.span, "severity-unrouted",
        fmt::format("alerts of severity {} go nowhere: 'notifications' has no list for it, empty or not",
                    name));
  }

 private:
  Diagnostics& diagnostics_;
  std::set<std::string> routed_;
  std::set<std::string> reported_;
};

void CheckReceivers(const Notifications& notifications, Diagnostics& diagnostics) {
  std::vector<std::string_view> known;
  for (const Receiver& receiver : notifications.receivers) known.push_back(*receiver.name);
  const auto check = [&](const SeverityRoute& route) {
    for (const Located<std::string>& name : route.receivers) {
      if (std::find(known.begin(), known.end(), *name) != known.end()) continue;
      Diagnostic& diagnostic = diagnostics.AddError(
          name.span, "receiver-unknown", fmt::format("no receiver is called '{}'", Printable(*name)));
      SuggestClosest(diagnostic, *name, known);
    }
  };
  for (const SeverityRoute& route : notifications.routes) check(route);
  for (const TeamRoutes& team : notifications.teams) {
    for (const SeverityRoute& route : team.routes) check(route);
  }
}

// Alertmanager takes each name of receivers and intervals once; of two teams of one name the second would
// never be asked.
void CheckOwnNames(const Notifications& notifications, Diagnostics& diagnostics) {
  Uniqueness receivers(diagnostics, "receiver");
  for (const Receiver& receiver : notifications.receivers) {
    receivers.Add(receiver.name);
    if (receiver.name->find('+') == std::string::npos && *receiver.name != kNobody) continue;
    diagnostics.AddError(receiver.name.span, "name-invalid",
                         fmt::format("a receiver has no '+' in its name, and is not called '{}'", kNobody));
  }
  Uniqueness teams(diagnostics, "team");
  for (const TeamRoutes& team : notifications.teams) teams.Add(team.team);
  Uniqueness mutes(diagnostics, "mute interval");
  for (const MuteInterval& mute : notifications.mutes) mutes.Add(mute.name);
}

}  // namespace

void CheckNotifications(const Policy& policy, const Notifications& notifications, Diagnostics& diagnostics) {
  CheckOwnNames(notifications, diagnostics);
  CheckReceivers(notifications, diagnostics);
  SeverityCheck severities(notifications, diagnostics);
  for (const Slo& slo : policy.slos) {
    for (const BurnTier& tier : slo.tiers) severities.Check(tier.severity);
    if (slo.breach) severities.Check(slo.breach->severity);
    if (slo.budget_low) severities.Check(slo.budget_low->severity);
    for (const auto* alert : {&slo.budget_spent, &slo.no_data, &slo.no_traffic}) {
      if (*alert) severities.Check((*alert)->severity);
    }
  }
  for (const ThresholdAlert& alert : policy.alerts) severities.Check(alert.severity);
}

}  // namespace fleet::rulegen
