// How bad an error is and of what sort, where its sender does not say: rules over its text.
#pragma once

#include <string_view>

namespace fleet {

struct ErrorClass {
  std::string_view severity;  // critical, warning, info
  std::string_view category;  // "database", "timeout", ...
};

// By the first rule whose words stand in the message, else by the code (an HTTP status), else
// {"info", "other"}. Case does not matter.
ErrorClass ClassifyError(std::string_view message, std::string_view code);

}  // namespace fleet
