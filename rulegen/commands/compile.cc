#include "rulegen/commands/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "lib/base/file_system.h"
#include "lib/base/text.h"
#include "rulegen/emit/alertmanager.h"
#include "rulegen/policy/checks.h"
#include "rulegen/policy/notifications.h"
#include "rulegen/policy/reader.h"

namespace fleet::rulegen {
namespace {

// The policy's path as seen from the output folder, so that outputs do not depend on where rulegen was
// started. Of a policy that lies outside only the name is kept: its place is this machine's business.
std::string PathFrom(const std::string& output_dir, const std::string& policy) {
  std::error_code error;
  const std::filesystem::path relative = std::filesystem::proximate(policy, output_dir, error);
  if (error || relative.empty() || *relative.begin() == "..") {
    return std::filesystem::path(policy).filename().string();
  }
  return relative.generic_string();
}

void CheckRunbook(const Text& runbook, const std::filesystem::path& folder, Diagnostics& diagnostics) {
  const std::filesystem::path page = folder / (*runbook + ".md");
  if (runbook->empty() || std::filesystem::exists(page)) return;
  diagnostics.AddError(
      runbook.span, "runbook-missing",
      fmt::format("no page {}, so whoever is woken is on their own", Printable(page.string())));
}

// The one check that looks at other files than the policy: those beside which outputs are written. Who builds
// into a folder of their own, or looks at a policy of yesterday, has no runbooks there: an error for `check`
// alone.
void CheckRunbookPages(const Policy& policy, const Options& options, Diagnostics& diagnostics) {
  if (!policy.runbook_folder) return;
  const std::filesystem::path folder =
      (std::filesystem::path(options.output_dir) / **policy.runbook_folder).lexically_normal();
  if (!std::filesystem::is_directory(folder)) {
    const bool judges = options.check || options.command == "check";
    const std::string text =
        fmt::format("no folder {}, so runbooks are not checked", Printable(folder.string()));
    constexpr char kId[] = "runbook-folder-missing";
    Diagnostic& added = judges ? diagnostics.AddError(policy.runbook_folder->span, kId, text)
                               : diagnostics.AddWarning(policy.runbook_folder->span, kId, text);
    added.notes.emplace_back("it is looked for in --output-dir, beside alerts/ and dashboards/");
    return;
  }
  for (const Slo& slo : policy.slos) CheckRunbook(slo.runbook, folder, diagnostics);
  for (const ThresholdAlert& alert : policy.alerts) CheckRunbook(alert.runbook, folder, diagnostics);
}

Compiled Failed(const Error& error, std::ostream& err) {
  err << "rulegen: error: " << error.message << "\n";
  return {kWorldError, {}, {}};
}

}  // namespace

std::optional<Checked> ReadChecked(const std::string& path, const Options& options, std::ostream& err,
                                   ExitCode& exit) {
  Result<std::string> text = ReadFile(path);
  if (!text) {
    exit = Failed(text.error(), err).exit;
    return std::nullopt;
  }
  const SourceText source(path, *std::move(text));
  Diagnostics diagnostics(source);
  Checked checked{ReadPolicy(source, diagnostics), ReadNotifications(source, diagnostics)};
  CheckPolicy(checked.policy, diagnostics);
  if (checked.notifications) CheckNotifications(checked.policy, *checked.notifications, diagnostics);
  CheckRunbookPages(checked.policy, options, diagnostics);
  err << diagnostics.Render();
  if (!diagnostics.has_errors()) return checked;
  const std::size_t count = diagnostics.CountErrors();
  err << "rulegen: " << count << (count == 1 ? " error" : " errors") << ", nothing written\n";
  exit = kUserError;
  return std::nullopt;
}

std::optional<Policy> ReadCheckedPolicy(const std::string& path, const Options& options, std::ostream& err,
                                        ExitCode& exit) {
  std::optional<Checked> checked = ReadChecked(path, options, err, exit);
  if (!checked) return std::nullopt;
  return std::move(checked->policy);
}

Compiled Compile(const Options& options, std::ostream& err) {
  ExitCode exit = kSuccess;
  const std::optional<Checked> checked = ReadChecked(options.policy, options, err, exit);
  if (!checked) return {exit, {}, {}};
  const Policy& policy = checked->policy;
  const Provenance provenance{PathFrom(options.output_dir, options.policy), policy.hash,
                              options.dashboard_format == "v2"};
  std::vector<Output> outputs = RenderAll(policy, MakePlan(policy), provenance);
  if (checked->notifications) {
    outputs.push_back(RenderAlertmanager(policy, *checked->notifications, provenance));
    std::sort(outputs.begin(), outputs.end(),
              [](const Output& a, const Output& b) { return a.path < b.path; });
  }
  Result<std::vector<Change>> changes = ReadChanges(options.output_dir, outputs, provenance);
  if (!changes) return Failed(changes.error(), err);
  return {kSuccess, std::move(outputs), *std::move(changes)};
}

}  // namespace fleet::rulegen
