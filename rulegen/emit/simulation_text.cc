#include "rulegen/emit/simulation_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "rulegen/emit/table.h"
#include "rulegen/plan/annotations.h"

namespace fleet::rulegen {
namespace {

using Json = nlohmann::ordered_json;

std::string Percent(Decimal share) { return (share * Decimal(100, 0)).ToString() + " %"; }

std::string TimeOr(const std::optional<Duration>& time, const char* otherwise) {
  return time ? PrintDuration(*time) : otherwise;
}

Json SecondsOf(const std::optional<Duration>& time) {
  return time ? Json(std::chrono::duration_cast<std::chrono::seconds>(*time).count()) : Json(nullptr);
}

// Fires / ends, of one alert a row.
Table PaceTable(const SimulatedSlo& slo) {
  Table table{{"errors", "budget lasts"}, {}};
  if (slo.paces.empty()) return table;
  for (const SimulatedAlert& alert : slo.paces.front().alerts) {
    table.header.push_back(fmt::format("{} ({})", alert.alert, alert.severity));
  }
  for (const SimulatedPace& pace : slo.paces) {
    std::vector<std::string> row = {Percent(pace.errors), TimeOr(pace.budget_lasts, "for ever")};
    for (const SimulatedAlert& alert : pace.alerts) {
      row.push_back(alert.fires ? TimeOr(alert.fires, "") + " / " + TimeOr(alert.ends, "") : "never");
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table IncidentTable(const SimulatedIncident& incident) {
  Table table{{"alert", "severity", "fires after", "ends after"}, {}};
  for (const IncidentAlert& alert : incident.alerts) {
    table.rows.push_back({alert.alert, alert.severity, PrintDuration(alert.fires), TimeOr(alert.ends, "-")});
  }
  return table;
}

std::string Words(const SimulatedSlo& slo, bool is_markdown) {
  const auto table = is_markdown ? RenderMarkdownTable : RenderTextTable;
  std::string out = fmt::format("{}{}: {} % over {}\n{}", is_markdown ? "## " : "", slo.id,
                                slo.objective.ToString(), slo.period_name, is_markdown ? "\n" : "");
  if (!slo.incident) return out + table(PaceTable(slo));
  out += fmt::format("{:.1f} % of the budget is spent.{}\n", slo.incident->budget_spent * 100,
                     slo.incident->alerts.empty() ? " No alert fires." : "");
  if (slo.incident->alerts.empty()) return out;
  return out + (is_markdown ? "\n" : "") + table(IncidentTable(*slo.incident));
}

Json JsonOf(const SimulatedSlo& slo) {
  Json json = {{"slo", slo.id},
               {"objective_percent", slo.objective.ToDouble()},
               {"period_seconds", SecondsOf(slo.period)}};
  if (slo.incident) {
    json["budget_spent"] = slo.incident->budget_spent;
    json["alerts"] = Json::array();
    for (const IncidentAlert& alert : slo.incident->alerts) {
      json["alerts"].push_back({{"alert", alert.alert},
                                {"tier", alert.tier},
                                {"severity", alert.severity},
                                {"fires_after", SecondsOf(alert.fires)},
                                {"ends_after", SecondsOf(alert.ends)}});
    }
    return json;
  }
  json["paces"] = Json::array();
  for (const SimulatedPace& pace : slo.paces) {
    Json alerts = Json::array();
    for (const SimulatedAlert& alert : pace.alerts) {
      alerts.push_back({{"alert", alert.alert},
                        {"tier", alert.tier},
                        {"severity", alert.severity},
                        {"fires_after", SecondsOf(alert.fires)},
                        {"ends_after", SecondsOf(alert.ends)}});
    }
    json["paces"].push_back({{"errors", pace.errors.ToDouble()},
                             {"budget_lasts", SecondsOf(pace.budget_lasts)},
                             {"alerts", std::move(alerts)}});
  }
  return json;
}

}  // namespace

std::string RenderSimulation(const std::vector<SimulatedSlo>& slos, std::string_view format) {
  if (format == "json") {
    Json json = Json::array();
    for (const SimulatedSlo& slo : slos) json.push_back(JsonOf(slo));
    return json.dump(2) + "\n";
  }
  std::string out;
  if (!slos.empty() && !slos.front().incident) {
    out = "Each alert: fires after the errors began / ends after they ended.\n";
  }
  for (const SimulatedSlo& slo : slos) {
    if (!out.empty()) out += "\n";
    out += Words(slo, format == "markdown");
  }
  return out;
}

}  // namespace fleet::rulegen
