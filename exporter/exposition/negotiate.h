// What a client can read, by its Accept and Accept-Encoding headers (RFC 9110, section 12.5).
#pragma once

#include <string_view>

namespace fleet {

enum class PageFormat { kText, kOpenMetrics };

struct PageType {
  PageFormat format = PageFormat::kText;
  std::string_view content_type;
};

// The offer with the highest q; between equals the one the client names more exactly, then the one it
// names first, then text. Whoever accepts nothing we have gets text: a page in a surprising format
// helps more than a 406.
PageType NegotiateType(std::string_view accept);

// True when gzip is accepted and not less welcome than an unchanged body. No header: no gzip.
bool NegotiateGzip(std::string_view accept_encoding);

}  // namespace fleet
