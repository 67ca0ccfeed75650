// Small pieces of which the planned dashboards are put together: sections, lines of panels, and the
// fields that several of them share.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rulegen/emit/grafana/model.h"

namespace fleet::rulegen {

struct Placed {
  grafana::Panel panel;
  int width = 24;
};

void AddSection(grafana::Dashboard& dashboard, std::string title, bool collapsed = false);

// Appends panels and puts them side by side in the last section. A state timeline turns pages where it has
// more rows than can be read at this height.
void AddLine(grafana::Dashboard& dashboard, int height, std::vector<Placed> panels);

// Two in a line; the first of an odd number has a line of its own.
void AddPairs(grafana::Dashboard& dashboard, int height, std::vector<grafana::Panel> panels);

// A query by these labels, whose legend is made of them: "{{a}} {{b}}" and `suffix`.
grafana::Target QueryBy(std::string expr, std::vector<std::string> labels, std::string_view suffix = {});

// The field of a ratio that is read beside an objective in percent.
grafana::Field ObjectiveRatio(Decimal objective);

// Table legend below with the last and greatest value: what a reader of a line asks first.
grafana::Legend LastAndMax();

// "a|b" of names, each of which stands for itself in a regular expression.
std::string AnyOf(const std::vector<std::string>& names);

}  // namespace fleet::rulegen
