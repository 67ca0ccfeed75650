// A scrape over HTTP, or from a file. The one place of rulegen that knows libcurl.
#pragma once

#include <string>

#include "lib/base/result.h"

namespace fleet::rulegen {

// `from` is a URL (http://, https://) or a path. Ten seconds and 256 MiB at most.
Result<std::string> ReadScrape(const std::string& from);

}  // namespace fleet::rulegen
