#include "rulegen/emit/grafana_dashboards.h"

#include "rulegen/emit/grafana/render.h"
#include "rulegen/emit/grafana/render_v2.h"

namespace fleet::rulegen {

// JSON has no comments, so the description says where the file comes from. Without the policy's hash: a
// dashboard changes when what it shows changes.
void RenderGrafanaDashboards(const Policy&, const Plan& plan, const Provenance& provenance,
                             std::vector<Output>& outputs) {
  for (grafana::Dashboard dashboard : plan.dashboards) {
    dashboard.description += " " + provenance.Mark() + "- change the policy, not this dashboard.";
    const auto render = provenance.dashboards_v2 ? grafana::RenderDashboardV2 : grafana::RenderDashboard;
    outputs.push_back({"dashboards/" + dashboard.uid + ".json", render(dashboard)});
  }
}

}  // namespace fleet::rulegen
