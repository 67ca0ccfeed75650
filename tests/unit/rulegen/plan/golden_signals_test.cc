// The table of golden signals in dashboards/README.md: what of the policy shows and judges each of them.
// UPDATE_GOLDEN=1 writes it instead of comparing.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/file_system.h"
#include "lib/base/text.h"
#include "rulegen/policy/vocabulary.h"
#include "tests/support/paths.h"
#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

using catalog::MetricDef;
using catalog::MetricType;

enum class Signal { kLatency, kTraffic, kErrors, kSaturation };

struct SignalRow {
  std::string_view name;
  std::vector<std::string> pages{};
  std::vector<std::string> slos{};
  std::vector<std::string> alerts{};
};

// What goes wrong is counted under these names, or under these values of a label.
bool IsTrouble(const Selector& selector) {
  constexpr std::string_view kNames[] = {"error", "failure",   "dropped",  "rejected",  "stuck", "zombie",
                                         "dead",  "orphaned",  "restarts", "heartbeat", "_up",   "oom_kills",
                                         "retr",  "throttled", "invalid",  "_success"};
  constexpr std::string_view kValues[] = {"down",    "stale",     "offline", "critical", "failed", "5..",
                                          "crashed", "timed_out", "false",   "refused",  "dead"};
  const std::string& name = *selector.metric;
  if (std::ranges::any_of(kNames, [&](std::string_view n) { return name.find(n) != std::string::npos; })) {
    return true;
  }
  return std::ranges::any_of(selector.where, [&](const Condition& condition) {
    return std::ranges::any_of(condition.values, [&](const Text& value) {
      return std::ranges::find(kValues, std::string_view(*value)) != std::end(kValues);
    });
  });
}

// Nothing for expressions, and for times: they are told apart by people only.
std::optional<Signal> SignalOf(const Selector& selector, const Vocabulary& vocabulary) {
  if (*selector.metric == "up" || IsTrouble(selector)) return Signal::kErrors;
  const MetricDef* metric = vocabulary.Find(*selector.metric);
  if (metric == nullptr || metric->unit == catalog::Unit::kUnixSeconds) return std::nullopt;
  const bool seconds = metric->unit == catalog::Unit::kSeconds;
  if (metric->type == MetricType::kHistogram) return seconds ? Signal::kLatency : Signal::kTraffic;
  // Of seconds and bytes that were used there is only so much.
  const bool used = seconds || metric->name.find("memory") != std::string_view::npos;
  return metric->type == MetricType::kCounter && !used ? Signal::kTraffic : Signal::kSaturation;
}

std::optional<Signal> SignalOf(const ThresholdAlert& alert, const Vocabulary& vocabulary) {
  if (alert.threshold.comparison == Comparison::kEquals) return Signal::kErrors;  // nothing is left of it
  return SignalOf(alert.value.selector, vocabulary);
}

Signal SignalOf(const Sli& sli) {
  const bool latency =
      std::holds_alternative<LatencySli>(sli) || std::holds_alternative<NativeLatencySli>(sli);
  return latency ? Signal::kLatency : Signal::kErrors;
}

class SignalTable {
 public:
  explicit SignalTable(const Policy& policy) : vocabulary_(*policy.metric_namespace) {
    for (const Dashboard& page : policy.dashboards) AddPage(page);
    for (const Slo& slo : policy.slos) AddSlo(slo);
    for (const ThresholdAlert& alert : policy.alerts) {
      if (const auto signal = SignalOf(alert, vocabulary_)) Add(Row(*signal).alerts, *alert.alert);
    }
  }

  const std::vector<SignalRow>& rows() const { return rows_; }

  std::string Print() const {
    std::string text = "| signal | pages (panels) | objectives | alerts |\n|---|---|---|---|\n";
    for (const SignalRow& row : rows_) {
      text += fmt::format("| {} | {} | {} | {} |\n", row.name, Join(row.pages, ", "), Join(row.slos, ", "),
                          Join(row.alerts, ", "));
    }
    return text;
  }

 private:
  SignalRow& Row(Signal signal) { return rows_[static_cast<std::size_t>(signal)]; }

  static void Add(std::vector<std::string>& names, const std::string& name) {
    const std::string quoted = "`" + name + "`";
    if (std::ranges::find(names, quoted) == names.end()) names.push_back(quoted);
  }

  void AddPage(const Dashboard& page) {
    int panels[4] = {};
    for (const DashboardRow& row : page.rows) {
      for (const Panel& panel : row.panels) {
        if (panel.queries.empty()) continue;
        const auto signal = SignalOf(panel.queries.front().selector, vocabulary_);
        if (signal) ++panels[static_cast<std::size_t>(*signal)];
      }
    }
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (panels[i] > 0) rows_[i].pages.push_back(fmt::format("{} ({})", *page.title, panels[i]));
    }
  }

  void AddSlo(const Slo& slo) {
    SignalRow& row = Row(SignalOf(slo.sli));
    Add(row.slos, *slo.name);
    if (slo.breach) Add(row.alerts, *slo.breach->alert);
    if (slo.no_traffic) Add(Row(Signal::kTraffic).alerts, *slo.no_traffic->alert);
  }

  Vocabulary vocabulary_;
  std::vector<SignalRow> rows_ = {
      {.name = "latency"}, {.name = "traffic"}, {.name = "errors"}, {.name = "saturation"}};
};

const Policy& FleetPolicy() {
  static const Policy policy = PolicyOf(ReadFile(test::SourcePath("slo/policies.yaml")).value());
  return policy;
}

TEST_CASE("golden signals: each is shown by a page and judged by an alert") {
  const SignalTable table(FleetPolicy());
  for (const SignalRow& row : table.rows()) {
    INFO(row.name);
    CHECK(!row.pages.empty());
    CHECK(!row.alerts.empty());
  }
}

TEST_CASE("golden signals: every alert of the policy belongs to one") {
  const Vocabulary vocabulary(*FleetPolicy().metric_namespace);
  for (const ThresholdAlert& alert : FleetPolicy().alerts) {
    INFO(*alert.alert);
    CHECK(SignalOf(alert, vocabulary).has_value());
  }
}

TEST_CASE("golden signals: dashboards/README.md says what the policy says") {
  constexpr std::string_view kBegin = "<!-- golden signals: printed from the policy -->\n";
  constexpr std::string_view kEnd = "<!-- end of golden signals -->\n";
  const std::string path = test::SourcePath("dashboards/README.md");
  std::string page = ReadFile(path).value();
  const std::size_t begin = page.find(kBegin);
  const std::size_t end = page.find(kEnd);
  REQUIRE(begin != std::string::npos);
  REQUIRE(end != std::string::npos);
  const std::size_t table = begin + kBegin.size();
  const std::string printed = SignalTable(FleetPolicy()).Print();
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    REQUIRE(WriteFileAtomically(path, page.replace(table, end - table, printed)));
  } else {
    CHECK(page.substr(table, end - table) == printed);
  }
}

}  // namespace
}  // namespace fleet::rulegen
