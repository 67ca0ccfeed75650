// Passwords against bcrypt hashes, at the same price whether the user exists or not.
//
// A bcrypt check costs some 50 ms on purpose, so it is what an attacker would use to take the CPU: one
// runs at a time, few may wait, and a right answer is remembered. Wrong answers never are.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "exporter/web/web_file.h"

namespace fleet {

struct Credentials {
  std::string user;
  std::string password;
};

// The header Authorization: Basic. False when it is none.
bool ParseBasic(std::string_view authorization, Credentials& credentials);

// Thread-safe.
class Passwords {
 public:
  enum class Verdict { kRight, kWrong, kBusy };  // busy: too many wait already

  explicit Passwords(int most_waiting = 8) : most_waiting_(most_waiting) {}

  Verdict Check(const std::vector<WebUser>& users, const Credentials& credentials);

  // Hashes computed so far, and what they cost: the sum of 2^cost.
  std::size_t computed() const { return computed_; }
  std::size_t work() const { return work_; }

 private:
  bool Matches(const std::string& hash, const std::string& password);
  std::string KeyOf(const WebUser& user, const std::string& password) const;

  static constexpr std::size_t kMostRemembered = 256;

  const int most_waiting_;
  std::atomic<int> waiting_{0};
  std::atomic<std::size_t> computed_{0};
  std::atomic<std::size_t> work_{0};
  std::mutex computing_;
  std::mutex remembered_mutex_;
  std::unordered_set<std::string> remembered_;  // keyed digests of name, hash and password
};

}  // namespace fleet
