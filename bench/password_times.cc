// What a check of a password costs: a right one, a wrong one, and a user who does not exist, with users whose
// hashes cost differently. In turns, so that what else the machine does hits all; the median of each.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "exporter/web/passwords.h"

namespace {

// "open sesame" at cost 4 and 10.
const std::vector<fleet::WebUser> kUsers = {
    {"alice", "$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy"},
    {"bob", "$2b$10$abcdefghijklmnopqrstuu4SuEsu2LsUrAYUpWQHLMMc4GV5pZTxK"}};

struct Attempt {
  const char* name;
  fleet::Credentials credentials;
  fleet::Passwords::Verdict verdict;
};
const std::array<Attempt, 5> kAttempts = {
    {{"right, dear hash", {"bob", "open sesame"}, fleet::Passwords::Verdict::kRight},
     {"wrong, dear hash", {"bob", "wrong"}, fleet::Passwords::Verdict::kWrong},
     {"right, cheap hash", {"alice", "open sesame"}, fleet::Passwords::Verdict::kRight},
     {"wrong, cheap hash", {"alice", "wrong"}, fleet::Passwords::Verdict::kWrong},
     {"no such user", {"nobody", "open sesame"}, fleet::Passwords::Verdict::kWrong}}};

// Milliseconds of this thread's CPU.
double CpuMillis() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

// Passwords that remember nothing yet, as for whoever asks first.
double Cost(const Attempt& attempt) {
  fleet::Passwords passwords;
  const double begin = CpuMillis();
  const auto verdict = passwords.Check(kUsers, attempt.credentials);
  const double took = CpuMillis() - begin;
  if (verdict != attempt.verdict) std::abort();
  return took;
}

double Median(std::vector<double>& values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main() {
  constexpr int kRounds = 31;
  // How far a cost may be from that of the first: the spread of the measurement, not of the work.
  constexpr double kMostApart = 0.1;
  std::array<std::vector<double>, kAttempts.size()> costs;
  for (const Attempt& attempt : kAttempts) Cost(attempt);
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < kAttempts.size(); ++i) costs[i].push_back(Cost(kAttempts[i]));
  }
  const double right = Median(costs[0]);
  bool equal = true;
  for (std::size_t i = 0; i < kAttempts.size(); ++i) {
    const double ratio = Median(costs[i]) / right;
    fmt::print("{:<18} {:7.2f} ms of CPU  {:5.3f} of a right one\n", kAttempts[i].name, Median(costs[i]),
               ratio);
    equal = equal && ratio > 1 - kMostApart && ratio < 1 + kMostApart;
  }
  return equal ? 0 : 1;
}
