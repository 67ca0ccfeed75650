#include "exporter/web/passwords.h"

#include <crypt.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <memory>

namespace fleet {
namespace {

// Of this process: what is remembered is of no use outside of it.
const std::array<unsigned char, 32>& ProcessKey() {
  static const auto key = [] {
    std::array<unsigned char, 32> bytes{};
    RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }();
  return key;
}

bool StartsWithBasic(std::string_view text) {
  constexpr std::string_view kScheme = "basic ";
  if (text.size() < kScheme.size()) return false;
  return std::equal(kScheme.begin(), kScheme.end(), text.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

// A hash that no password has.
std::string DecoyHash(int cost) { return fmt::format("$2y${:02}${:.>53}", cost, ""); }

int DearestCost(const std::vector<WebUser>& users) {
  int cost = 0;
  for (const WebUser& user : users) cost = std::max(cost, BcryptCost(user.hash));
  return cost;
}

}  // namespace

bool ParseBasic(std::string_view authorization, Credentials& credentials) {
  constexpr std::size_t kLongest = 1024;
  if (!StartsWithBasic(authorization)) return false;
  authorization.remove_prefix(6);
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  if (authorization.empty() || authorization.size() > kLongest || authorization.size() % 4 != 0) return false;
  std::string plain(authorization.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(plain.data()),
                                   reinterpret_cast<const unsigned char*>(authorization.data()),
                                   static_cast<int>(authorization.size()));
  if (size < 0) return false;
  const std::size_t padding = authorization.ends_with("==") ? 2 : authorization.ends_with('=') ? 1 : 0;
  plain.resize(static_cast<std::size_t>(size) - padding);
  const std::size_t colon = plain.find(':');
  if (colon == std::string::npos) return false;
  credentials.user = plain.substr(0, colon);
  credentials.password = plain.substr(colon + 1);
  return true;
}

Passwords::Verdict Passwords::Check(const std::vector<WebUser>& users, const Credentials& credentials) {
  const auto found = std::ranges::find(users, credentials.user, &WebUser::name);
  if (users.empty()) return Verdict::kWrong;
  const int dearest = DearestCost(users);
  const WebUser user = found != users.end() ? *found : WebUser{credentials.user, DecoyHash(dearest)};
  const std::string key = KeyOf(user, credentials.password);
  if (found != users.end()) {
    const std::lock_guard lock(remembered_mutex_);
    if (remembered_.contains(key)) return Verdict::kRight;
  }
  if (++waiting_ > most_waiting_) {
    --waiting_;
    return Verdict::kBusy;
  }
  const bool matches = Matches(user.hash, credentials.password);
  // 2^c + (2^c + 2^(c+1) + ... + 2^(d-1)) = 2^d: a cheap hash costs as much as the dearest.
  for (int cost = BcryptCost(user.hash); cost < dearest; ++cost) {
    Matches(DecoyHash(cost), credentials.password);
  }
  --waiting_;
  if (!matches || found == users.end()) return Verdict::kWrong;
  const std::lock_guard lock(remembered_mutex_);
  if (remembered_.size() >= kMostRemembered) remembered_.clear();
  remembered_.insert(key);
  return Verdict::kRight;
}

// crypt stops at a zero byte: "secret\0x" would be as good as "secret".
bool Passwords::Matches(const std::string& hash, const std::string& password) {
  const std::lock_guard lock(computing_);
  ++computed_;
  work_ += std::size_t{1} << static_cast<unsigned>(BcryptCost(hash));
  const auto data = std::make_unique<crypt_data>();
  const char* const made = crypt_r(password.c_str(), hash.c_str(), data.get());
  if (made == nullptr || std::string_view(made).size() != hash.size()) return false;
  const bool equal = CRYPTO_memcmp(made, hash.data(), hash.size()) == 0;
  return equal && password.find('\0') == std::string::npos;
}

std::string Passwords::KeyOf(const WebUser& user, const std::string& password) const {
  const std::string text =
      fmt::format("{}:{}{}:{}{}", user.name.size(), user.name, user.hash.size(), user.hash, password);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), ProcessKey().data(), static_cast<int>(ProcessKey().size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace fleet
