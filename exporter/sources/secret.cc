#include "exporter/sources/secret.h"

#include "lib/base/file_system.h"
#include "lib/base/text.h"

namespace fleet {

Result<std::string> ReadSecret(const std::string& path) {
  constexpr std::size_t kLargest = 64U << 10U;
  const auto text = ReadFile(path, kLargest);
  if (!text) return tl::make_unexpected(text.error());
  const std::string_view secret = Trim(*text);
  if (secret.empty()) return Fail(path + ": holds no secret");
  return std::string(secret);
}

}  // namespace fleet
