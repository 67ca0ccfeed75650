#include <ostream>

#include "rulegen/commands/commands.h"
#include "rulegen/commands/compile.h"
#include "rulegen/emit/diff.h"

namespace fleet::rulegen {
namespace {

std::string DiffOf(const Change& change) {
  const bool is_new = change.kind == Change::Kind::kNew;
  const bool is_stale = change.kind == Change::Kind::kStale;
  return UnifiedDiff(is_new ? "/dev/null" : "a/" + change.path, is_stale ? "/dev/null" : "b/" + change.path,
                     change.before, change.after);
}

}  // namespace

ExitCode RunCheck(const Options& options, std::ostream& out, std::ostream& err) {
  const Compiled compiled = Compile(options, err);
  if (compiled.exit != kSuccess) return compiled.exit;
  for (const Change& change : compiled.changes) out << DiffOf(change);
  if (compiled.changes.empty()) {
    out << compiled.outputs.size() << " files are up to date\n";
    return kSuccess;
  }
  const std::size_t count = compiled.changes.size();
  err << "rulegen: " << count << (count == 1 ? " file is" : " files are")
      << " out of date; run `rulegen build`\n";
  return kUserError;
}

}  // namespace fleet::rulegen
