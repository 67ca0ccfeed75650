#include "rulegen/proof/promtool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <numeric>
#include <thread>

#include "lib/base/file_system.h"
#include "lib/base/text.h"
#include "rulegen/proof/prove.h"

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace fleet::rulegen {
namespace {

namespace fs = std::filesystem;

// A program that was started; its output goes to a file.
struct Child {
  pid_t pid = -1;
  std::string output;
};

// Ours, and what makes promtool take a third less time: memory is collected more rarely, by the one processor
// that its lane has. What the user has set stays.
std::vector<std::string> EnvironmentForGo() {
  std::vector<std::string> environment = {"GOGC=200", "GOMEMLIMIT=512MiB", "GOMAXPROCS=1"};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view given = *variable;
    const std::string name(given.substr(0, given.find('=') + 1));
    std::erase_if(environment, [&](const std::string& ours) { return ours.starts_with(name); });
    environment.emplace_back(given);
  }
  return environment;
}

// The text of each, as the system takes lists: it does not change them.
std::vector<char*> PointersTo(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));  // NOLINT
  pointers.push_back(nullptr);
  return pointers;
}

Result<Child> Start(const std::vector<std::string>& command, const std::string& output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  const std::vector<std::string> environment = EnvironmentForGo();
  const std::vector<char*> arguments = PointersTo(command);
  Child child{-1, output};
  const int error = posix_spawnp(&child.pid, arguments[0], &actions, nullptr, arguments.data(),
                                 PointersTo(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return Fail(fmt::format("cannot start {}: {}", command.front(), std::strerror(error)));
  return child;
}

// Its exit code; a signal is 128 and more.
int Wait(const Child& child) {
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// promtool tells one file after the other: "Unit Testing:  path", then "  SUCCESS" or "  FAILED:" and why.
// By path, what it said of those that failed.
std::map<std::string, std::string> FailuresIn(const std::string& output) {
  std::map<std::string, std::string> failures;
  std::string path;
  std::string part;
  const auto finish = [&] {
    if (part.find("FAILED") != std::string::npos) failures[path] += part;
    part.clear();
  };
  for (const std::string_view line : Split(output, '\n')) {
    if (line.starts_with("Unit Testing:")) {
      finish();
      path = line;
    }
    part.append(line) += '\n';
  }
  finish();
  return failures;
}

// Estimated: evaluations, each of which reads a part of the input.
double CostOf(const ProofFile& proof) {
  double cost = 0;
  for (const PromtoolCase& one : proof.tests.cases) {
    Duration until{0};
    for (const Expectation& expectation : one.expectations) until = std::max(until, expectation.at);
    const double evaluations = ToSeconds(until) / ToSeconds(proof.tests.evaluation_interval) + 1;
    const double samples = ToSeconds(until) / ToSeconds(one.interval) + 1;
    cost += evaluations * samples * static_cast<double>(one.series.size());
  }
  return cost;
}

// Proofs that one promtool takes one after the other: the dear ones first and alone, so that no lane still
// runs one when the others are done; the cheap ones together, as promtool takes time to start.
std::vector<std::vector<std::size_t>> Batches(const std::vector<ProofFile>& proofs, std::size_t lanes) {
  constexpr double kBatchesOfLane = 8;
  std::vector<double> costs;
  for (const ProofFile& proof : proofs) costs.push_back(CostOf(proof));
  const double share =
      std::accumulate(costs.begin(), costs.end(), 0.0) / (kBatchesOfLane * static_cast<double>(lanes));
  std::vector<std::size_t> order(proofs.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return costs[a] > costs[b]; });
  std::vector<std::vector<std::size_t>> batches;
  double filled = share;
  for (const std::size_t i : order) {
    if (filled + costs[i] > share) {
      batches.emplace_back();
      filled = 0;
    }
    batches.back().push_back(i);
    filled += costs[i];
  }
  return batches;
}

// What one promtool said; nothing where all passed.
Result<std::map<std::string, std::string>> RunBatch(const std::vector<std::string>& command,
                                                    const std::string& log) {
  auto child = Start(command, log);
  if (!child) return tl::make_unexpected(child.error());
  const int code = Wait(*child);
  if (code == 0) return {};
  const auto output = ReadFile(log);
  auto failures = output ? FailuresIn(*output) : std::map<std::string, std::string>{};
  if (failures.empty())
    return Fail(fmt::format("{} fails (exit {}); what it said: {}", command.front(), code, log));
  return failures;
}

}  // namespace

std::optional<std::string> FindProgram(const std::string& given, const char* variable,
                                       const std::string& name) {
  if (!given.empty()) return given;
  const char* chosen = std::getenv(variable);
  if (chosen != nullptr && *chosen != '\0') return chosen;
  const char* path = std::getenv("PATH");
  for (const std::string_view folder : Split(path == nullptr ? "" : path, ':')) {
    const std::string candidate = (fs::path(folder) / name).string();
    if (!folder.empty() && access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

Result<bool> HasClosedRanges(const std::string& promtool) {
  const std::string output =
      (fs::temp_directory_path() / fmt::format("promtool-version-{}", getpid())).string();
  auto child = Start({promtool, "--version"}, output);
  if (!child) return tl::make_unexpected(child.error());
  const int code = Wait(*child);
  auto text = ReadFile(output);
  std::error_code ignored;
  fs::remove(output, ignored);
  if (code != 0 || !text) return Fail(fmt::format("{} --version fails (exit {})", promtool, code));
  return text->find("version 3") == std::string::npos;
}

Result<void> WriteProofs(const std::string& folder, const std::vector<ProofFile>& proofs) {
  for (const ProofFile& proof : proofs) {
    const std::string stem = (fs::path(folder) / proof.name).string();
    if (auto done = WriteFileAtomically(stem + ".rules.yml", RenderProofRules(proof)); !done) return done;
    if (auto done = WriteFileAtomically(stem + ".test.yml", RenderPromtoolFile(proof.tests)); !done)
      return done;
  }
  return {};
}

Result<Verdict> RunProofs(const std::string& promtool, const std::string& folder,
                          const std::vector<ProofFile>& proofs, const ProofProgress& progress) {
  const std::size_t lanes = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
  const std::vector<std::vector<std::size_t>> batches = Batches(proofs, lanes);
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;  // guards what follows
  std::size_t done = 0;
  std::map<std::string, std::string> failures;
  std::optional<Error> error;
  const auto run_lane = [&] {
    for (std::size_t i = next++; i < batches.size(); i = next++) {
      std::vector<std::string> command = {promtool, "test", "rules"};
      for (const std::size_t proof : batches[i])
        command.push_back((fs::path(folder) / (proofs[proof].name + ".test.yml")).string());
      auto said = RunBatch(command, (fs::path(folder) / fmt::format("promtool-{}.log", i)).string());
      const std::lock_guard lock(mutex);
      if (!said) {
        error = said.error();
        next = batches.size();
        continue;
      }
      failures.merge(*said);
      done += batches[i].size();
      progress(done);
    }
  };
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < std::min(lanes, batches.size()); ++i) others.emplace_back(run_lane);
  run_lane();
  for (std::thread& other : others) other.join();
  if (error) return tl::make_unexpected(*error);
  Verdict verdict{failures.size(), {}};
  for (const auto& [path, text] : failures) verdict.output += text;
  return verdict;
}

}  // namespace fleet::rulegen
