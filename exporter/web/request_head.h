// Whether the head of a request means the same to everyone. Where a proxy in front could see another
// body length than CivetWeb does, the rest of the connection could be read as a request of its own
// (request smuggling; RFC 9112, section 11.2): such a head is refused.
#pragma once

#include <civetweb.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace fleet {

// Value of the first header of that name (case-insensitive), empty when absent.
std::string_view FindHeader(const mg_request_info& info, std::string_view name);

struct RequestFraming {
  bool chunked = false;
  std::int64_t content_length = 0;  // 0 when chunked

  bool has_body() const { return chunked || content_length > 0; }
};

struct RefusedHead {
  int status = 400;
  std::string_view text;
};

// REQUIRES: `info` is of the request being handled; the bytes behind its headers are read.
std::optional<RefusedHead> CheckHead(const mg_request_info& info, RequestFraming& framing);

// What the client wants of the connection after the answer (RFC 9112, section 9.3).
bool WantsKeepAlive(const mg_request_info& info);

}  // namespace fleet
