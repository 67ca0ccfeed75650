// Where this tree and its programs are. Functions, not macros on the command line of every test: then
// ccache can share the compiled tests between checkouts.
#pragma once

#include <string>
#include <string_view>

namespace fleet::test {

// The absolute path of a file of the tree: SourcePath("docs/metrics.md").
std::string SourcePath(std::string_view relative);

// The programs of this build.
const std::string& ExporterProgram();
const std::string& RulegenProgram();

}  // namespace fleet::test
