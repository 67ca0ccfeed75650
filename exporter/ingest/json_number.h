// Numbers as JSON writes them.
#pragma once

#include <string_view>

namespace fleet {

// The grammar of RFC 8259: no leading zeros or plus, no bare points, no NaN.
bool IsJsonNumber(std::string_view text);

// The value; infinite when it does not fit a double. REQUIRES: IsJsonNumber(text).
double JsonNumberValue(std::string_view text);

}  // namespace fleet
