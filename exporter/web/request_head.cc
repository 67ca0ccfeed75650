#include "exporter/web/request_head.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <system_error>

#include "lib/base/text.h"

namespace fleet {
namespace {

bool ContainsToken(std::string_view list, std::string_view token) {
  return std::ranges::any_of(
      Split(list, ','), [&](std::string_view element) { return EqualsIgnoringCase(Trim(element), token); });
}

// CivetWeb stops reading headers after the 64th and at a line that begins with a blank, silently. It
// has replaced the line end behind the last header by zeros: what follows must be the empty line.
bool ReadToTheEnd(const mg_request_info& info) {
  const char* end = info.http_headers[info.num_headers - 1].value;
  end += std::strlen(end) + 1;
  if (*end == '\0') ++end;  // the \n of \r\n
  return *end == '\r' || *end == '\n';
}

// "Content-Length : 5" is one header to CivetWeb and another, or none, to others. CivetWeb puts zeros
// over the blank and the colon, so two in a row give it away.
bool HasBlankBeforeColon(const mg_header& header) {
  const char* colon = header.name + std::strlen(header.name);
  return colon + 1 < header.value && colon[1] == '\0';
}

std::optional<std::int64_t> ParseLength(std::string_view text) {
  std::int64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-') return std::nullopt;
  return length;
}

// CivetWeb skips blanks at the start of the first header. It has put zeros over them and over the line
// end before them, which must be all there is.
bool BeginsAtOnce(const mg_request_info& info) {
  constexpr std::ptrdiff_t kLineEnd = 2;
  return info.http_headers[0].name - (info.http_version + std::strlen(info.http_version)) == kLineEnd;
}

bool IsHttp11(const mg_request_info& info) { return std::strcmp(info.http_version, "1.1") == 0; }

}  // namespace

std::string_view FindHeader(const mg_request_info& info, std::string_view name) {
  for (int i = 0; i < info.num_headers; ++i) {
    if (EqualsIgnoringCase(info.http_headers[i].name, name)) return info.http_headers[i].value;
  }
  return {};
}

std::optional<RefusedHead> CheckHead(const mg_request_info& info, RequestFraming& framing) {
  int hosts = 0, lengths = 0, encodings = 0;
  for (int i = 0; i < info.num_headers; ++i) {
    const mg_header& header = info.http_headers[i];
    const std::string_view name = header.name;
    if (HasBlankBeforeColon(header)) return RefusedHead{400, "blank before the colon of a header"};
    if (name.size() == 4 && EqualsIgnoringCase(name, "Host")) ++hosts;
    if (name.size() == 14 && EqualsIgnoringCase(name, "Content-Length")) {
      const auto length = ParseLength(header.value);
      if (!length) return RefusedHead{400, "invalid Content-Length"};
      framing.content_length = *length;
      ++lengths;
    }
    if (name.size() == 17 && EqualsIgnoringCase(name, "Transfer-Encoding")) {
      if (!EqualsIgnoringCase(header.value, "chunked")) return RefusedHead{400, "unknown Transfer-Encoding"};
      framing.chunked = true;
      ++encodings;
    }
  }
  if (info.num_headers >= MG_MAX_HEADERS) {  // it would stop there, silently
    return RefusedHead{431, "more than 63 headers"};
  }
  if (info.num_headers > 0 && !(BeginsAtOnce(info) && ReadToTheEnd(info))) {
    return RefusedHead{400, "folded or malformed header"};
  }
  if (lengths > 1) return RefusedHead{400, "more than one Content-Length"};
  if (encodings > 1) return RefusedHead{400, "more than one Transfer-Encoding"};
  if (lengths + encodings > 1) return RefusedHead{400, "both Content-Length and Transfer-Encoding"};
  if (encodings > 0 && !IsHttp11(info)) return RefusedHead{400, "Transfer-Encoding before HTTP/1.1"};
  if (IsHttp11(info) && hosts != 1) return RefusedHead{400, "exactly one Host is needed"};
  return std::nullopt;
}

bool WantsKeepAlive(const mg_request_info& info) {
  const std::string_view connection = FindHeader(info, "Connection");
  if (connection.empty()) return IsHttp11(info);
  if (ContainsToken(connection, "close")) return false;
  return IsHttp11(info) || ContainsToken(connection, "keep-alive");
}

}  // namespace fleet
