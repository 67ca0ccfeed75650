#include <ostream>

#include "rulegen/commands/commands.h"
#include "rulegen/commands/compile.h"

namespace fleet::rulegen {

ExitCode RunBuild(const Options& options, std::ostream& out, std::ostream& err) {
  if (options.check) return RunCheck(options, out, err);
  const Compiled compiled = Compile(options, err);
  if (compiled.exit != kSuccess) return compiled.exit;
  if (Result<void> written = WriteChanges(options.output_dir, compiled.changes); !written) {
    err << "rulegen: error: " << written.error().message << "\n";
    return kWorldError;
  }
  for (const Change& change : compiled.changes) {
    out << (change.kind == Change::Kind::kStale ? "removed " : "wrote ") << change.path << "\n";
  }
  if (compiled.changes.empty()) out << compiled.outputs.size() << " files are up to date\n";
  return kSuccess;
}

}  // namespace fleet::rulegen
