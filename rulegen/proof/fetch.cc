#include "rulegen/proof/fetch.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>

#include "lib/base/file_system.h"

namespace fleet::rulegen {
namespace {

constexpr std::size_t kLargest = 256U << 20U;

std::size_t Append(char* bytes, std::size_t size, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + size * count > kLargest) return 0;
  text.append(bytes, size * count);
  return size * count;
}

Result<std::string> Fetch(const std::string& url) {
  const std::unique_ptr<CURL, void (*)(CURL*)> handle(curl_easy_init(), curl_easy_cleanup);
  if (!handle) return Fail("libcurl does not start");
  std::string body;
  constexpr long kSeconds = 10;  // NOLINT: libcurl takes a long
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT, kSeconds);
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle.get(), CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &body);
  const CURLcode code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) return Fail(fmt::format("cannot read {}: {}", url, curl_easy_strerror(code)));
  long status = 0;  // NOLINT: libcurl gives a long
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return Fail(fmt::format("{} answers with status {}", url, status));
  return body;
}

}  // namespace

Result<std::string> ReadScrape(const std::string& from) {
  const bool is_url = from.starts_with("http://") || from.starts_with("https://");
  return is_url ? Fetch(from) : ReadFile(from, kLargest);
}

}  // namespace fleet::rulegen
