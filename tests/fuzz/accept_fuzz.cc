// Accept and Accept-Encoding: any text ends in one of the formats there are, the same each time.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "exporter/exposition/negotiate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view header(reinterpret_cast<const char*>(data), size);
  const fleet::PageType type = fleet::NegotiateType(header);
  const bool open = type.format == fleet::PageFormat::kOpenMetrics;
  if (type.content_type.starts_with("application/openmetrics-text") != open) std::abort();
  if (!open && type.content_type != "text/plain; version=0.0.4; charset=utf-8") std::abort();
  if (fleet::NegotiateType(header).content_type != type.content_type) std::abort();
  if (fleet::NegotiateGzip(header) && header.find_first_of("*gG") == std::string_view::npos) std::abort();
  return 0;
}
