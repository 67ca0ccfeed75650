// The table of outputs.
#include "rulegen/emit/outputs.h"
#include "rulegen/emit/prometheus_rules.h"

namespace fleet::rulegen {
namespace {

constexpr Emitter kEmitters[] = {
    {"prometheus rules", "alerts", ".yaml", RenderPrometheusRules},
};

}  // namespace

std::span<const Emitter> Emitters() { return kEmitters; }

}  // namespace fleet::rulegen
