// How an SLO stands, as the list of all and the detail of one show it: the same numbers, words and colours.
#pragma once

#include <string>

#include "rulegen/emit/grafana/model.h"
#include "rulegen/plan/slo_view.h"

namespace fleet::rulegen {

// Which SLOs a query is about: all of the service, or the one that the variable names.
enum class SloScope { kAll, kSelected };

std::string Matchers(const SloView& view, SloScope scope);

// A share of the budget; orange below the policy's own bound of "low", red below zero.
grafana::Field BudgetField(const SloView& view);

// A burn rate: green while the budget lasts, then a colour for each factor at which an alert fires.
grafana::Field BurnField(const SloView& view);

// 0 fine, 1 recovering, 2 rising, 3 burning, 4 missed, by slo_name; the words for them are the field's.
std::string Status(const SloView& view, SloScope scope);
grafana::Field StatusField();

// The share of good events in the period, by slo_name.
std::string PeriodRatio(const SloView& view, SloScope scope);

}  // namespace fleet::rulegen
