#include "exporter/simulate/curl_transport.h"

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <utility>

#include "lib/base/freed.h"

namespace fleet::simulate {
namespace {

constexpr long kConnectMillis = 3000;
constexpr long kRequestMillis = 20'000;
// A request that is this old when a stop is asked for is ended; a younger one may be answered yet.
constexpr std::chrono::seconds kGrace{1};
constexpr std::size_t kMostAnswerBytes = 4U << 20U;

std::size_t Receive(char* bytes, std::size_t size, std::size_t count, void* answer) {
  std::string& body = static_cast<HttpAnswer*>(answer)->body;
  if (body.size() + size * count > kMostAnswerBytes) return 0;  // libcurl ends the request
  body.append(bytes, size * count);
  return size * count;
}

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(std::function<bool()> stopped)
      : stopped_(std::move(stopped)), handle_(curl_easy_init()) {}

  bool Configure(const std::string& url) {
    if (handle_ == nullptr) return false;
    for (const char* header : {"Content-Type: application/x-ndjson", "Expect:"}) {
      curl_slist* longer = curl_slist_append(headers_.get(), header);
      if (longer == nullptr) return false;
      static_cast<void>(headers_.release());
      headers_.reset(longer);
    }
    CURL* handle = handle_.get();
    curl_easy_setopt(handle, CURLOPT_URL, (url + "/api/v1/events").c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, kConnectMillis);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, kRequestMillis);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error_.data());
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Receive);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &CurlTransport::OnProgress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, this);
    return true;
  }

  HttpAnswer Post(const std::string& body) override {
    CURL* handle = handle_.get();
    HttpAnswer answer;
    error_[0] = '\0';
    begun_ = std::chrono::steady_clock::now();
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
    const CURLcode code = curl_easy_perform(handle);
    if (code != CURLE_OK) {
      answer.error = error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
      return answer;
    }
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    curl_off_t seconds = 0;
    curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds > 0) answer.retry_after = std::chrono::seconds(seconds);
    return answer;
  }

 private:
  // Non-zero ends the request.
  static int OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto* transport = static_cast<CurlTransport*>(self);
    const bool old = std::chrono::steady_clock::now() - transport->begun_ > kGrace;
    return old && transport->stopped_() ? 1 : 0;
  }

  std::function<bool()> stopped_;
  std::chrono::steady_clock::time_point begun_;
  std::unique_ptr<CURL, Freed<curl_easy_cleanup>> handle_;
  std::unique_ptr<curl_slist, Freed<curl_slist_free_all>> headers_;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

}  // namespace

Result<std::unique_ptr<Transport>> ConnectTransport(const std::string& url, std::function<bool()> stopped) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialised != CURLE_OK) return Fail("libcurl does not start");
  auto transport = std::make_unique<CurlTransport>(std::move(stopped));
  if (!transport->Configure(url)) return Fail("libcurl is out of memory");
  return transport;
}

}  // namespace fleet::simulate
