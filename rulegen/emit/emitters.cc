// The table of outputs.
#include "rulegen/emit/grafana_dashboards.h"
#include "rulegen/emit/outputs.h"
#include "rulegen/emit/prometheus_rules.h"

namespace fleet::rulegen {
namespace {

constexpr Emitter kEmitters[] = {
    {"prometheus rules", "alerts", ".yaml", RenderPrometheusRules},
    {"grafana dashboards", "dashboards", ".json", RenderGrafanaDashboards},
};

}  // namespace

std::span<const Emitter> Emitters() { return kEmitters; }

}  // namespace fleet::rulegen
