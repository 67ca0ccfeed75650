// What ties generated files and the running rules to the policy they were made of.
#pragma once

#include <string>
#include <string_view>

namespace fleet::rulegen {

// The first 12 hexadecimal digits of the SHA-256, so that `sha256sum slo/policies.yaml` shows the same.
std::string PolicyHash(std::string_view bytes);

}  // namespace fleet::rulegen
