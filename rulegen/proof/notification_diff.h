// What a change of a policy means for those who are told: receivers, routes, times, and which alerts keep
// others quiet.
#pragma once

#include <optional>
#include <vector>

#include "rulegen/policy/notifications.h"
#include "rulegen/proof/policy_diff.h"

namespace fleet::rulegen {

// A policy, and who is told of its alerts; nothing where somebody else decides that.
struct NotifyingPolicy {
  const Policy& policy;
  const std::optional<Notifications>& notifications;
};

// Receivers, routes, mute intervals, times, inhibitions. Inhibitions follow from SLOs and alerts, so they may
// change alone. Empty when nothing changes.
std::vector<DescribedChange> DescribeNotificationChanges(const NotifyingPolicy& before,
                                                         const NotifyingPolicy& after);

}  // namespace fleet::rulegen
