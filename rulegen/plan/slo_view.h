// What the panels about SLOs know of a policy: which series the rules record for it, which windows and
// factors its alerts compare, how many digits its objectives need.
//
// Every number here comes from the policy, as it does in the rules: a line in a panel stands where the
// alert fires.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/decimal.h"
#include "lib/base/duration.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

// The dashboard variable with the name of the SLO that the detail shows.
inline constexpr char kSloVariable[] = "slo";

// What the rules record for every SLO, whatever its alerts are: the ratio of now, and of the last hour.
inline constexpr Duration kNowWindow = std::chrono::minutes(5);
inline constexpr Duration kHourWindow = std::chrono::hours(1);

// Bounds of shares and of budgets, and what a panel says where no series is.
inline const Decimal kZero(0, 0);
inline const Decimal kOne(1, 0);
inline constexpr char kNoData[] = "no data";

// A tier as it stands in an alert of some of the SLOs.
struct BurnLine {
  Decimal factor;
  Duration long_window;
  Duration short_window;
  AlertSeverity severity;
  Duration lasts;  // a full budget, at this pace

  // Looks back less than a day.
  bool is_fast() const { return long_window < std::chrono::hours(24); }

  friend bool operator==(const BurnLine&, const BurnLine&) = default;
};

// SLOs whose alerts compare the same windows with the same factors.
struct SloGroup {
  std::vector<std::string> names;
  std::vector<BurnLine> lines;
};

class SloView {
 public:
  // `policy` must outlive the view.
  explicit SloView(const Policy& policy);

  const Policy& policy() const { return policy_; }

  // Matchers in braces: of all SLOs, of the one that the variable names, of the ones given.
  std::string All() const;
  std::string Selected() const;
  std::string Only(const std::vector<std::string>& names) const;
  // A matcher of these names alone.
  static std::string Among(const std::vector<std::string>& names);

  // The most precise objective, in percent: its digits are enough for all.
  Decimal finest_objective() const { return finest_objective_; }
  // Grouping labels of all SLOs, in the order of the policy, each once.
  const std::vector<std::string>& group_labels() const { return group_labels_; }
  // All windows of the alerts and the two above, rising.
  const std::vector<Duration>& windows() const { return windows_; }
  // Those of one SLO.
  std::vector<Duration> WindowsOf(const std::string& slo_name) const;
  const std::vector<SloGroup>& groups() const { return groups_; }
  // Distinct lines of the alerts that are fast, or of the others.
  std::vector<BurnLine> Lines(bool fast) const;
  // The period, if all SLOs have the same, else "period".
  std::string PeriodName() const;
  // "slo:sli_error:ratio_rate1h"
  static std::string ErrorRatio(Duration window);
  // Burn rate over a window, by slo_name and `extra` labels; the greatest where there are several.
  static std::string BurnRate(Duration window, const std::string& matchers,
                              const std::vector<std::string>& extra = {});

 private:
  const Policy& policy_;
  Decimal finest_objective_;
  std::vector<std::string> group_labels_;
  std::vector<Duration> windows_;
  std::vector<SloGroup> groups_;
};

}  // namespace fleet::rulegen
