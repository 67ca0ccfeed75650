// The exporter's configuration: every text ends in messages, or in values that do not contradict.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exporter/config.h"
#include "exporter/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fleet::SourceText source("exporter.yaml", std::string(reinterpret_cast<const char*>(data), size));
  fleet::Diagnostics diagnostics(source);
  const fleet::Config config = fleet::ReadConfig(source, diagnostics);
  if (diagnostics.has_errors()) {
    if (diagnostics.Render().empty()) std::abort();
    return 0;
  }
  if (!fleet::FindConflicts(config).empty()) std::abort();
  for (const fleet::Setting& setting : fleet::Settings()) setting.print(config);
  return 0;
}
