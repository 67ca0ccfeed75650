#include "exporter/exposition/text_format.h"

#include <fmt/format.h>

#include "exporter/exposition/page_writer.h"
#include "lib/catalog/catalog.h"

namespace fleet {

bool RenderText(const Snapshot& snapshot, const ByteSink& sink) {
  PageWriter page(sink);
  for (const FamilySnapshot& family : snapshot.families) {
    if (family.labels->size() == 0 || page.receiver_gone()) continue;
    const FamilyHeader& header = *family.header;
    page.Append(fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", header.name,
                            EscapeHelp(header.help, HelpEscapes::kText), catalog::Name(header.type)));
    page.AppendSamples(family, Exemplars::kOmitted);
  }
  return page.Finish();
}

}  // namespace fleet
