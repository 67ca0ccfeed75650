#include "rulegen/commands/compile.h"

#include <fmt/format.h>

#include <filesystem>
#include <ostream>

#include "lib/base/file_system.h"
#include "lib/base/text.h"
#include "rulegen/policy/checks.h"
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

// The one check that looks at other files than the policy: those beside which outputs are written.
void CheckRunbookPages(const Policy& policy, const Options& options, Diagnostics& diagnostics) {
  if (!policy.runbook_folder) return;
  const std::filesystem::path folder =
      (std::filesystem::path(options.output_dir) / **policy.runbook_folder).lexically_normal();
  for (const Slo& slo : policy.slos) CheckRunbook(slo.runbook, folder, diagnostics);
  for (const ThresholdAlert& alert : policy.alerts) CheckRunbook(alert.runbook, folder, diagnostics);
}

Compiled Failed(const Error& error, std::ostream& err) {
  err << "rulegen: error: " << error.message << "\n";
  return {kWorldError, {}, {}};
}

}  // namespace

Compiled Compile(const Options& options, std::ostream& err) {
  Result<std::string> text = ReadFile(options.policy);
  if (!text) return Failed(text.error(), err);
  const SourceText source(options.policy, *std::move(text));
  Diagnostics diagnostics(source);
  const Policy policy = ReadPolicy(source, diagnostics);
  CheckPolicy(policy, diagnostics);
  CheckRunbookPages(policy, options, diagnostics);
  err << diagnostics.Render();
  if (diagnostics.has_errors()) {
    const std::size_t count = diagnostics.CountErrors();
    err << "rulegen: " << count << (count == 1 ? " error" : " errors") << ", nothing written\n";
    return {kUserError, {}, {}};
  }
  const Provenance provenance{PathFrom(options.output_dir, options.policy), policy.hash,
                              options.dashboard_format == "v2"};
  std::vector<Output> outputs = RenderAll(policy, MakePlan(policy), provenance);
  Result<std::vector<Change>> changes = ReadChanges(options.output_dir, outputs, provenance);
  if (!changes) return Failed(changes.error(), err);
  return {kSuccess, std::move(outputs), *std::move(changes)};
}

}  // namespace fleet::rulegen
