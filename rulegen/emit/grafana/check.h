// What must hold of every dashboard that leaves rulegen, beyond what the model's types rule out.
//
// Each rule stands for a fault that Grafana swallows without a word: an unknown unit, a legend of a
// label that was summed away, a variable nobody defined, a counter drawn as it is. A problem here is
// a mistake of ours, except where the user's own panel caused it; then the policy checks say it first.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "rulegen/emit/grafana/model.h"

namespace fleet::rulegen::grafana {

// In the order of the model; empty when all is well. Each names the place: "panel 'Burn rate': ...".
std::vector<std::string> CheckDashboard(const Dashboard& dashboard);

// One dashboard by one, and what must be unique among them: a title or uid used twice makes Grafana
// refuse all files of the folder.
std::vector<std::string> CheckDashboards(std::span<const Dashboard> dashboards);

}  // namespace fleet::rulegen::grafana
