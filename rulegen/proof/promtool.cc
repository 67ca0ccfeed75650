#include "rulegen/proof/promtool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
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

Result<Child> Start(const std::vector<std::string>& command, const std::string& output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));  // NOLINT
  arguments.push_back(nullptr);
  Child child{-1, output};
  const int error = posix_spawnp(&child.pid, arguments[0], &actions, nullptr, arguments.data(), environ);
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
void AddFailures(const std::string& output, Verdict& verdict) {
  std::string part;
  const auto finish = [&] {
    if (part.find("FAILED") != std::string::npos) {
      ++verdict.failed;
      verdict.output += part;
    }
    part.clear();
  };
  for (const std::string_view line : Split(output, '\n')) {
    if (line.starts_with("Unit Testing:")) finish();
    part.append(line) += '\n';
  }
  finish();
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
                          const std::vector<ProofFile>& proofs) {
  const std::size_t lanes = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
  std::vector<std::vector<std::string>> commands(lanes, {promtool, "test", "rules"});
  for (std::size_t i = 0; i < proofs.size(); ++i) {
    commands[i % lanes].push_back((fs::path(folder) / (proofs[i].name + ".test.yml")).string());
  }
  std::vector<Child> children;
  Result<Verdict> result = Verdict{};
  for (std::size_t i = 0; i < lanes && result; ++i) {
    if (commands[i].size() == 3) continue;
    auto child = Start(commands[i], (fs::path(folder) / fmt::format("promtool-{}.log", i)).string());
    if (child) {
      children.push_back(*std::move(child));
    } else {
      result = tl::make_unexpected(child.error());
    }
  }
  for (const Child& child : children) {
    const int code = Wait(child);
    const auto output = ReadFile(child.output);
    if (!result || code == 0) continue;
    const std::size_t before = result->failed;
    if (output) AddFailures(*output, *result);
    if (result->failed == before) {
      result = Fail(fmt::format("{} fails (exit {}); what it said: {}", promtool, code, child.output));
    }
  }
  return result;
}

}  // namespace fleet::rulegen
