// Rule groups read back from the text that Prometheus loads, so that what is proven is what runs.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "rulegen/plan/plan.h"

namespace fleet::rulegen {

// `path` is for messages. Keys that decide nothing here (annotations) are skipped.
Result<std::vector<RuleGroup>> ParseRuleFile(const std::string& path, const std::string& text);

}  // namespace fleet::rulegen
