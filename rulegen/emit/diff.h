// Unified diffs, as diff -u and git print them.
#pragma once

#include <string>
#include <string_view>

namespace fleet::rulegen {

// Empty when the texts are equal. A name may be /dev/null, for a file that is not there.
std::string UnifiedDiff(std::string_view before_name, std::string_view after_name, std::string_view before,
                        std::string_view after);

}  // namespace fleet::rulegen
