// Policies from text to files. Every text ends in diagnostics or in outputs.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lib/base/diagnostics.h"
#include "lib/base/source_text.h"
#include "rulegen/emit/outputs.h"
#include "rulegen/plan/plan.h"
#include "rulegen/policy/checks.h"
#include "rulegen/policy/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fleet::SourceText source("policies.yaml", std::string(reinterpret_cast<const char*>(data), size));
  fleet::Diagnostics diagnostics(source);
  const fleet::rulegen::Policy policy = fleet::rulegen::ReadPolicy(source, diagnostics);
  fleet::rulegen::CheckPolicy(policy, diagnostics);
  if (diagnostics.has_errors()) {
    if (diagnostics.Render().empty()) std::abort();
    return 0;
  }
  fleet::rulegen::RenderAll(policy, fleet::rulegen::MakePlan(policy), {"policies.yaml", policy.hash});
  return 0;
}
