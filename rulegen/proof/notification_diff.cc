#include "rulegen/proof/notification_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "rulegen/plan/inhibitions.h"

namespace fleet::rulegen {
namespace {

using Changes = std::vector<DescribedChange>;
// What is said of each subject, in words; subjects in the order of their first appearance.
using Sentences = std::vector<std::pair<std::string, std::string>>;

std::string Listed(const std::vector<Text>& texts, const std::string& if_empty) {
  std::string list;
  for (const Text& text : texts) list += (list.empty() ? "" : ", ") + *text;
  return list.empty() ? if_empty : list;
}

std::string Listed(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + text;
  return list;
}

const std::string* Find(const Sentences& sentences, const std::string& subject) {
  const auto found = std::find_if(sentences.begin(), sentences.end(),
                                  [&](const auto& sentence) { return sentence.first == subject; });
  return found == sentences.end() ? nullptr : &found->second;
}

struct Words {
  std::string_view is_new = "is new: {}";
  std::string_view is_gone = "is gone; it was: {}";
  std::string_view changed = "{} instead of {}";
};

void Compare(const Sentences& before, const Sentences& after, const Words& words, Changes& changes) {
  for (const auto& [subject, text] : after) {
    const std::string* old = Find(before, subject);
    if (old == nullptr) {
      changes.push_back({subject, fmt::format(fmt::runtime(words.is_new), text)});
    } else if (*old != text) {
      changes.push_back({subject, fmt::format(fmt::runtime(words.changed), text, *old)});
    }
  }
  for (const auto& [subject, text] : before) {
    if (Find(after, subject) == nullptr)
      changes.push_back({subject, fmt::format(fmt::runtime(words.is_gone), text)});
  }
}

// "email to a@b through c"; secrets are names of files, which may be read.
Sentences Receivers(const Notifications& notifications) {
  Sentences sentences;
  for (const Receiver& receiver : notifications.receivers) {
    std::string text(Name(receiver.kind));
    std::string settings;
    for (const auto& [name, value] : receiver.settings) {
      settings += fmt::format("{}{} {}", settings.empty() ? "" : ", ", name, value);
    }
    sentences.emplace_back("receiver " + *receiver.name, fmt::format("{} ({})", text, settings));
  }
  return sentences;
}

// Every severity there is, so that one without a list is told, too.
Sentences Routes(const Notifications& notifications) {
  Sentences sentences;
  const auto add = [&](const std::string& who, const std::vector<SeverityRoute>& routes) {
    for (const SeverityRoute& route : routes) {
      sentences.emplace_back(who + *route.severity, Listed(route.receivers, "nobody"));
    }
  };
  add("severity ", notifications.routes);
  for (const TeamRoutes& team : notifications.teams) {
    add(fmt::format("team {}, severity ", *team.team), team.routes);
  }
  return sentences;
}

Sentences Mutes(const Notifications& notifications) {
  Sentences sentences;
  for (const MuteInterval& mute : notifications.mutes) {
    sentences.emplace_back("mute " + *mute.name,
                           fmt::format("{} on {} at {}, {}", Listed(mute.severities, "nothing"),
                                       Listed(mute.weekdays, "every day"), Listed(mute.times, "all times"),
                                       mute.location ? **mute.location : "UTC"));
  }
  return sentences;
}

Sentences Times(const Notifications& notifications) {
  return {{"group_wait", PrintDuration(notifications.group_wait)},
          {"group_interval", PrintDuration(notifications.group_interval)},
          {"repeat", PrintDuration(notifications.repeat)}};
}

Sentences Inhibitions(const NotifyingPolicy& whole) {
  Sentences sentences;
  if (!whole.notifications) return sentences;
  for (const Inhibition& inhibition : InhibitionsOf(whole.policy)) {
    sentences.emplace_back("inhibition by " + inhibition.name,
                           inhibition.source == Inhibition::Source::kTier
                               ? Listed(inhibition.quiet)
                               : std::string("all alerts on SLOs of its service"));
  }
  return sentences;
}

}  // namespace

Changes DescribeNotificationChanges(const NotifyingPolicy& before, const NotifyingPolicy& after) {
  Changes changes;
  static const Notifications kNone;
  const bool was = before.notifications.has_value();
  const bool is = after.notifications.has_value();
  if (was != is) {
    changes.push_back({"notifications", is ? "are new: alertmanager.yaml is written"
                                           : "are gone: alertmanager.yaml is not written any more"});
  }
  const Notifications& old = was ? *before.notifications : kNone;
  const Notifications& now = is ? *after.notifications : kNone;
  Compare(Receivers(old), Receivers(now), {}, changes);
  Compare(Routes(old), Routes(now),
          {"is new: it goes to {}", "has no list any more; it went to {}", "goes to {} instead of {}"},
          changes);
  Compare(Mutes(old), Mutes(now),
          {"is new: it silences {}", "is gone; it silenced {}", "silences {} instead of {}"}, changes);
  if (was && is) Compare(Times(old), Times(now), {"", "", "is {} instead of {}"}, changes);
  Compare(Inhibitions(before), Inhibitions(after),
          {"is new: it quiets {}", "is gone; it quieted {}", "quiets {} instead of {}"}, changes);
  return changes;
}

}  // namespace fleet::rulegen
