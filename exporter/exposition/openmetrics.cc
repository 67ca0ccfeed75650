#include "exporter/exposition/openmetrics.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "exporter/exposition/page_writer.h"
#include "lib/catalog/catalog.h"

namespace fleet {
namespace {

// TYPE, UNIT and HELP. A counter's family is named without _total; a unit is only declared where the
// name ends in it, as the format demands.
std::string Metadata(const FamilyHeader& header) {
  constexpr std::string_view kTotal = "_total";
  std::string_view name = header.name;
  std::string_view type = catalog::Name(header.type);
  if (header.type == catalog::MetricType::kCounter) {
    if (name.ends_with(kTotal)) {
      name.remove_suffix(kTotal.size());
    } else {
      type = "unknown";
    }
  }
  std::string text = fmt::format("# TYPE {} {}\n", name, type);
  const std::string_view unit = catalog::Name(header.unit);
  if (!unit.empty() && name.ends_with(fmt::format("_{}", unit))) {
    text += fmt::format("# UNIT {} {}\n", name, unit);
  }
  text += fmt::format("# HELP {} {}\n", name, EscapeHelp(header.help, HelpEscapes::kOpenMetrics));
  return text;
}

}  // namespace

bool RenderOpenMetrics(const Snapshot& snapshot, const ByteSink& sink) {
  PageWriter page(sink);
  for (const FamilySnapshot& family : snapshot.families) {
    if (family.labels->size() == 0 || page.receiver_gone()) continue;
    page.Append(Metadata(*family.header));
    page.AppendSamples(family, Exemplars::kShown);
  }
  page.Append("# EOF\n");
  return page.Finish();
}

}  // namespace fleet
