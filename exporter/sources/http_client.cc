#include "exporter/sources/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>

#include "exporter/sources/secret.h"
#include "lib/base/freed.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

// One GET under way.
struct Transfer {
  std::unique_ptr<CURL, Freed<curl_easy_cleanup>> handle{curl_easy_init()};
  std::array<char, CURL_ERROR_SIZE> error{};
  std::size_t most = 0;
  bool too_large = false;
  bool done = false;
  HttpGot got;
};

std::size_t Receive(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  if (transfer->got.body.size() + size * count > transfer->most) {
    transfer->too_large = true;
    return 0;  // libcurl ends the transfer
  }
  transfer->got.body.append(bytes, size * count);
  return size * count;
}

std::size_t ReceiveHeader(char* bytes, std::size_t size, std::size_t count, void* user) {
  constexpr std::string_view kDate = "date:";
  const std::string line(bytes, size * count);
  if (line.size() > kDate.size() && curl_strnequal(line.c_str(), kDate.data(), kDate.size()) != 0) {
    const std::string value(Trim(std::string_view(line).substr(kDate.size())));
    const time_t seconds = curl_getdate(value.c_str(), nullptr);
    if (seconds >= 0) static_cast<Transfer*>(user)->got.date = UnixMillis{seconds * 1000};
  }
  return size * count;
}

}  // namespace

class HttpClient::Impl {
 public:
  explicit Impl(HttpClientOptions options) : options_(std::move(options)), multi_(curl_multi_init()) {}

  std::vector<HttpGot> Get(const std::vector<std::string>& urls, const Deadline& deadline) {
    std::vector<std::unique_ptr<Transfer>> transfers;
    for (const std::string& url : urls) transfers.push_back(Begin(url));
    Perform(transfers, deadline);
    std::vector<HttpGot> got;
    for (const auto& transfer : transfers) {
      curl_multi_remove_handle(multi_.get(), transfer->handle.get());
      if (!transfer->done && transfer->got.error.empty()) transfer->got.error = "no answer by the deadline";
      got.push_back(std::move(transfer->got));
    }
    return got;
  }

 private:
  std::unique_ptr<Transfer> Begin(const std::string& url) {
    auto transfer = std::make_unique<Transfer>();
    CURL* const handle = transfer->handle.get();
    transfer->most = options_.max_body_bytes;
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "fleet_exporter");
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, transfer->error.data());
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Receive);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, transfer.get());
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &ReceiveHeader);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, transfer.get());
    curl_easy_setopt(handle, CURLOPT_PRIVATE, transfer.get());
    if (!options_.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, options_.ca_file.c_str());
    if (!options_.client_cert_file.empty()) {
      curl_easy_setopt(handle, CURLOPT_SSLCERT, options_.client_cert_file.c_str());
      curl_easy_setopt(handle, CURLOPT_SSLKEY, options_.client_key_file.c_str());
    }
    if (const auto secret = SetSecrets(handle); !secret) {
      transfer->got.error = secret.error().message;
      transfer->done = true;
      return transfer;
    }
    curl_multi_add_handle(multi_.get(), handle);
    return transfer;
  }

  Result<void> SetSecrets(CURL* handle) {
    if (!options_.bearer_token_file.empty()) {
      const auto token = ReadSecret(options_.bearer_token_file);
      if (!token) return tl::make_unexpected(token.error());
      curl_easy_setopt(handle, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
      curl_easy_setopt(handle, CURLOPT_XOAUTH2_BEARER, token->c_str());
    }
    if (!options_.password_file.empty()) {
      const auto password = ReadSecret(options_.password_file);
      if (!password) return tl::make_unexpected(password.error());
      curl_easy_setopt(handle, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
      curl_easy_setopt(handle, CURLOPT_USERNAME, options_.username.c_str());
      curl_easy_setopt(handle, CURLOPT_PASSWORD, password->c_str());
    }
    return {};
  }

  void Perform(const std::vector<std::unique_ptr<Transfer>>& transfers, const Deadline& deadline) {
    int running = static_cast<int>(transfers.size());
    while (running > 0 && !deadline.passed()) {
      if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) return;
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg == CURLMSG_DONE) Finish(message->easy_handle, message->data.result);
      }
      if (running > 0) curl_multi_poll(multi_.get(), nullptr, 0, deadline.PollMillis(), nullptr);
    }
  }

  static void Finish(CURL* handle, CURLcode code) {
    char* user = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &user);
    auto* transfer = reinterpret_cast<Transfer*>(user);  // what CURLOPT_PRIVATE was given
    transfer->done = true;
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    transfer->got.status = static_cast<int>(status);
    if (transfer->too_large) {
      transfer->got.error = fmt::format("the answer is larger than {} bytes", transfer->most);
    } else if (code != CURLE_OK) {
      transfer->got.error = transfer->error[0] != '\0' ? transfer->error.data() : curl_easy_strerror(code);
    } else if (status < 200 || status > 299) {
      transfer->got.error = fmt::format("the answer has the status {}", status);
    }
    if (!transfer->got.error.empty()) transfer->got.body.clear();
  }

  HttpClientOptions options_;
  std::unique_ptr<CURLM, Freed<curl_multi_cleanup>> multi_;
};

HttpClient::HttpClient(HttpClientOptions options) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(initialised);
  impl_ = std::make_unique<Impl>(std::move(options));
}
HttpClient::~HttpClient() = default;

std::vector<HttpGot> HttpClient::Get(const std::vector<std::string>& urls, const Deadline& deadline) {
  return impl_->Get(urls, deadline);
}

}  // namespace fleet
