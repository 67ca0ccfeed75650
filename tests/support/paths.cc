#include "tests/support/paths.h"

namespace fleet::test {

std::string SourcePath(std::string_view relative) {
  return std::string(FLEET_SOURCE_DIR "/").append(relative);
}

const std::string& ExporterProgram() {
  static const std::string path = FLEET_EXPORTER;
  return path;
}

const std::string& RulegenProgram() {
  static const std::string path = FLEET_RULEGEN;
  return path;
}

}  // namespace fleet::test
