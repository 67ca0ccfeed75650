#include <ostream>

#include "build_info.h"
#include "rulegen/commands/commands.h"
#include "rulegen/commands/compile.h"
#include "rulegen/emit/changes_text.h"
#include "rulegen/emit/dashboard_diff.h"
#include "rulegen/emit/diff.h"
#include "rulegen/proof/contract.h"
#include "rulegen/proof/emitted_rules.h"
#include "rulegen/proof/fetch.h"
#include "rulegen/proof/policy_diff.h"

namespace fleet::rulegen {
namespace {

std::string DiffOf(const Change& change) {
  const bool is_new = change.kind == Change::Kind::kNew;
  const bool is_stale = change.kind == Change::Kind::kStale;
  return UnifiedDiff(is_new ? "/dev/null" : "a/" + change.path, is_stale ? "/dev/null" : "b/" + change.path,
                     change.before, change.after);
}

// Of a file of rules that may not be there.
Result<std::vector<RuleGroup>> GroupsOf(const std::string& path, const std::string& text) {
  return text.empty() ? std::vector<RuleGroup>{} : ParseRuleFile(path, text);
}

// What the changes of rules and dashboards mean, beside how they look.
std::string Meaning(const std::vector<Change>& changes) {
  std::vector<RuleGroup> before;
  std::vector<RuleGroup> after;
  for (const Change& change : changes) {
    if (!change.path.starts_with("alerts/") || change.path.find('/', 7) != std::string::npos) continue;
    const auto old_groups = GroupsOf(change.path, change.before);
    const auto new_groups = GroupsOf(change.path, change.after);
    // Edited by hand until it is no file of rules: the diff says enough.
    if (!old_groups || !new_groups) continue;
    before.insert(before.end(), old_groups->begin(), old_groups->end());
    after.insert(after.end(), new_groups->begin(), new_groups->end());
  }
  auto described = DescribeRuleChanges(before, after);
  for (DescribedChange& change : DescribeDashboardChanges(changes)) described.push_back(std::move(change));
  return described.empty() ? std::string() : RenderChanges(described, "text");
}

// Whether all that the outputs ask for is in a scrape.
ExitCode RunContract(const Options& options, std::ostream& out, std::ostream& err) {
  ExitCode exit = kSuccess;
  const std::optional<Policy> policy = ReadCheckedPolicy(options.policy, options, err, exit);
  if (!policy) return exit;
  auto text = ReadScrape(options.metrics);
  if (!text) {
    err << "rulegen: error: " << text.error().message << "\n";
    return kWorldError;
  }
  const auto exposed = ParseExposition(*text);
  if (!exposed) {
    err << "rulegen: error: " << exposed.error().Within(options.metrics).message << "\n";
    return kWorldError;
  }
  const ContractReport report = CheckContract(*policy, RenderAll(*policy, MakePlan(*policy), Provenance{}),
                                              *exposed, Build{kVersion, kRevision});
  for (const std::string& line : report.unknown) out << line << "\n";
  for (const std::string& line : report.broken) err << line << "\n";
  if (report.broken.empty()) {
    out << report.metrics << " metrics that rules and dashboards ask for are there\n";
    return kSuccess;
  }
  err << "rulegen: " << report.broken.size() << " parts of the contract are broken\n";
  return kUserError;
}

}  // namespace

ExitCode RunCheck(const Options& options, std::ostream& out, std::ostream& err) {
  if (!options.metrics.empty()) return RunContract(options, out, err);
  const Compiled compiled = Compile(options, err);
  if (compiled.exit != kSuccess) return compiled.exit;
  for (const Change& change : compiled.changes) out << DiffOf(change);
  if (compiled.changes.empty()) {
    out << compiled.outputs.size() << " files are up to date\n";
    return kSuccess;
  }
  err << Meaning(compiled.changes);
  const std::size_t count = compiled.changes.size();
  err << "rulegen: " << count << (count == 1 ? " file is" : " files are")
      << " out of date; run `rulegen build`\n";
  return kUserError;
}

}  // namespace fleet::rulegen
