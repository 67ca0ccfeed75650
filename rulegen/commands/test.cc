#include <fmt/format.h>
#include <stdlib.h>  // NOLINT: mkdtemp
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>

#include "lib/base/file_system.h"
#include "lib/base/text.h"
#include "lib/base/usage.h"
#include "rulegen/commands/commands.h"
#include "rulegen/commands/compile.h"
#include "rulegen/proof/emitted_rules.h"
#include "rulegen/proof/promtool.h"
#include "rulegen/proof/prove.h"
#include "rulegen/proof/shares.h"

namespace fleet::rulegen {
namespace {

namespace fs = std::filesystem;

constexpr char kProvenErrors[] = "100%,2%";

ExitCode Fails(std::ostream& err, const std::string& message, ExitCode exit = kWorldError) {
  err << "rulegen: error: " << message << "\n";
  return exit;
}

Result<std::vector<RuleGroup>> ReadRules(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".yaml")) paths.push_back(entry.path().string());
  }
  if (error) return Fail(fmt::format("cannot list {}: {}", folder, error.message()));
  std::sort(paths.begin(), paths.end());
  std::vector<RuleGroup> groups;
  for (const std::string& path : paths) {
    auto text = ReadFile(path);
    if (!text) return tl::make_unexpected(text.error());
    auto read = ParseRuleFile(path, *text);
    if (!read) return read;
    for (RuleGroup& group : *read) groups.push_back(std::move(group));
  }
  return groups;
}

// A folder for the proofs: the one given, which is kept, or one that is gone afterwards.
class WorkFolder {
 public:
  explicit WorkFolder(std::string given) : path_(std::move(given)), is_kept_(!path_.empty()) {
    std::error_code error;
    if (is_kept_) {
      fs::create_directories(path_, error);
    } else {
      std::string pattern = (fs::temp_directory_path(error) / "rulegen-test-XXXXXX").string();
      if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }
  }
  ~WorkFolder() {
    std::error_code error;
    if (!is_kept_ && !path_.empty()) fs::remove_all(path_, error);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool is_kept_;
};

std::size_t CountCases(const ProofPlan& plan) {
  std::size_t count = 0;
  for (const ProofFile& file : plan.files) count += file.tests.cases.size();
  return count;
}

constexpr char kClearLine[] = "\r\033[K";

// One line that changes, for those who watch.
ProofProgress ProgressOn(std::ostream& err, std::size_t proofs) {
  if (&err != &std::cerr || isatty(STDERR_FILENO) != 1) return [](std::size_t) {};
  return [&err, proofs](std::size_t done) {
    err << kClearLine;
    if (done < proofs) err << fmt::format("{} of {} proofs done", done, proofs);
    err.flush();
  };
}

std::string Counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// "66 SLO alerts and 1 threshold alert"
std::string AlertsOf(const ProofPlan& plan) {
  std::vector<std::string> parts;
  if (plan.alerts > 0) parts.push_back(Counted(plan.alerts, "SLO alert"));
  if (plan.threshold_alerts > 0) parts.push_back(Counted(plan.threshold_alerts, "threshold alert"));
  return parts.empty() ? "no alerts" : Join(parts, " and ");
}

ExitCode Report(const ProofPlan& plan, const Verdict& verdict, double seconds, std::ostream& out,
                std::ostream& err) {
  for (const std::string& line : plan.unproven) out << "not proven: " << line << "\n";
  if (verdict.failed > 0) {
    err << verdict.output;
    return Fails(err, fmt::format("{} of {} proofs fail", verdict.failed, plan.files.size()), kUserError);
  }
  const std::string others = plan.unproven.empty() ? "" : fmt::format(", {} not", plan.unproven.size());
  const std::string same =
      plan.repeated == 0 ? "" : fmt::format(", {} more are the same but for the name", plan.repeated);
  out << fmt::format("{} proven{}: {} with {} passed{} ({:.1f} s)\n", AlertsOf(plan), others,
                     Counted(plan.files.size(), "proof"), Counted(CountCases(plan), "case"), same, seconds);
  return kSuccess;
}

// To the one SLO or alert that is asked for. False after a message.
bool Narrow(const Options& options, Policy& policy, std::ostream& err) {
  std::vector<std::string_view> names;
  if (!options.slo.empty()) {
    for (const Slo& slo : policy.slos) names.push_back(*slo.name);
    const std::string unknown = Unknown("SLO", options.slo, names);
    std::erase_if(policy.slos, [&](const Slo& slo) { return *slo.name != options.slo; });
    policy.alerts.clear();
    if (policy.slos.empty()) Fails(err, unknown);
  } else if (!options.alert.empty()) {
    for (const ThresholdAlert& alert : policy.alerts) names.push_back(*alert.alert);
    const std::string unknown = Unknown("threshold alert", options.alert, names);
    std::erase_if(policy.alerts, [&](const ThresholdAlert& alert) { return *alert.alert != options.alert; });
    policy.slos.clear();
    if (policy.alerts.empty()) Fails(err, unknown);
  }
  return !policy.slos.empty() || !policy.alerts.empty() || (options.slo.empty() && options.alert.empty());
}

}  // namespace

ExitCode RunTest(const Options& options, std::ostream& out, std::ostream& err) {
  ExitCode exit = kSuccess;
  std::optional<Policy> policy = ReadCheckedPolicy(options.policy, options, err, exit);
  if (!policy) return exit;
  if (!Narrow(options, *policy, err)) return kWorldError;
  const auto errors = ParseShares(options.errors.empty() ? kProvenErrors : options.errors);
  if (!errors)
    return Fails(err, fmt::format("--errors must be shares such as 100%,10%, not {}", options.errors));
  if (options.write_only && options.work_dir.empty()) return Fails(err, "--write-only needs --work-dir");

  const std::string rules =
      options.rules.empty() ? (fs::path(options.output_dir) / "alerts").string() : options.rules;
  const auto groups = ReadRules(rules);
  if (!groups) return Fails(err, groups.error().message);
  const auto promtool = FindProgram(options.promtool, "PROMTOOL", "promtool");
  BurnProofOptions how{*errors, options.full_history, true};
  if (promtool) {
    const auto closed = HasClosedRanges(*promtool);
    if (!closed) return Fails(err, closed.error().message);
    how.closed_ranges = *closed;
  }
  const ProofPlan plan = PlanProofs(*policy, *groups, how);
  const WorkFolder folder(options.work_dir);
  if (auto written = WriteProofs(folder.path(), plan.files); !written)
    return Fails(err, written.error().message);
  if (options.write_only) {
    out << fmt::format("{} proofs written to {}\n", plan.files.size(), folder.path());
    return kSuccess;
  }
  if (!promtool) return Fails(err, "promtool is not on the PATH; --write-only writes the tests all the same");
  const auto started = std::chrono::steady_clock::now();
  const ProofProgress progress = ProgressOn(err, plan.files.size());
  progress(0);
  const auto verdict = RunProofs(*promtool, folder.path(), plan.files, progress);
  if (!verdict) return Fails(err, verdict.error().message);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return Report(plan, *verdict, seconds, out, err);
}

}  // namespace fleet::rulegen
