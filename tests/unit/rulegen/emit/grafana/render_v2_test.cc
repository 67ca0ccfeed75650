// The second model: the same panels, as elements that rows refer to.
#include "rulegen/emit/grafana/render_v2.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "rulegen/emit/grafana/render.h"
#include "tests/unit/rulegen/emit/grafana/sample.h"

namespace fleet::rulegen::grafana {
namespace {

using Json = nlohmann::ordered_json;

Json RenderedV2() { return Json::parse(RenderDashboardV2(SampleDashboard())); }

TEST_CASE("grafana v2: a resource named by the uid") {
  const Json d = RenderedV2();
  CHECK(d["apiVersion"] == "dashboard.grafana.app/v2");
  CHECK(d["kind"] == "Dashboard");
  CHECK(d["metadata"]["name"] == SampleDashboard().uid);
  CHECK(d["spec"]["cursorSync"] == "Crosshair");
}

TEST_CASE("grafana v2: every panel is an element, and placed once") {
  const Json d = RenderedV2();
  std::multiset<std::string> placed;
  for (const Json& row : d["spec"]["layout"]["spec"]["rows"]) {
    for (const Json& item : row["spec"]["layout"]["spec"]["items"]) {
      placed.insert(item["spec"]["element"]["name"].get<std::string>());
    }
  }
  CHECK(placed.size() == SampleDashboard().panels.size());
  for (const auto& [name, element] : d["spec"]["elements"].items()) CHECK(placed.count(name) == 1);
}

TEST_CASE("grafana v2: the grid of a row begins at its top") {
  const Json d = RenderedV2();  // a range over a part of a temporary would outlive it
  for (const Json& row : d["spec"]["layout"]["spec"]["rows"]) {
    const Json& items = row["spec"]["layout"]["spec"]["items"];
    if (!items.empty()) CHECK(items[0]["spec"]["y"] == 0);
  }
}

TEST_CASE("grafana v2: options and fields are those of the classic panel") {
  const Json classic = Json::parse(RenderDashboard(SampleDashboard()));
  const Json d = RenderedV2();
  for (const Json& panel : classic["panels"]) {
    if (panel["type"] == "row") continue;
    const std::string name = "panel-" + std::to_string(panel["id"].get<int>());
    const Json& config = d["spec"]["elements"][name]["spec"]["vizConfig"];
    CHECK(config["group"] == panel["type"]);
    CHECK(config["spec"]["options"] == panel["options"]);
    CHECK(config["spec"]["fieldConfig"] == panel["fieldConfig"]);
  }
}

}  // namespace
}  // namespace fleet::rulegen::grafana
