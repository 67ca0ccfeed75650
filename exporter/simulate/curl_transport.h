// The one adapter of libcurl here: POST over a connection that is kept.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "exporter/simulate/sender.h"
#include "lib/base/result.h"

namespace fleet::simulate {

// Posts NDJSON to `url`/api/v1/events. When `stopped` says so, a request that hangs is given up.
Result<std::unique_ptr<Transport>> ConnectTransport(const std::string& url, std::function<bool()> stopped);

}  // namespace fleet::simulate
