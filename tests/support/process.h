// Real programs in tests: started on free loopback ports, always stopped at the end.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fleet::test {

// A port of 127.0.0.1 that was free a moment ago.
int FreePort();

// How long a test waits for what should come at once: a loaded machine under a sanitizer is slow.
inline constexpr std::chrono::seconds kPatience{75};

// Polls until `done` or the time is up; the only waiting there is in tests.
bool WaitFor(std::chrono::milliseconds limit, const std::function<bool()>& done);

// The path of a program in PATH or build/tools; throws std::runtime_error with the remedy when missing.
std::string FindProgram(const std::string& name);

struct Finished {
  int exit_code = -1;  // 128 + signal for a killed one
  std::string out;     // stdout and stderr
};

// Runs to the end; `input` becomes its stdin.
Finished RunProgram(const std::vector<std::string>& command, const std::string& input = {});

class Process {
 public:
  // Output goes to a file, see Output(). Throws std::runtime_error when it cannot be started.
  explicit Process(const std::vector<std::string>& command);
  ~Process();  // SIGKILL when still running
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void Signal(int number) const;
  // Exit code, 128 + signal, or nothing when it still runs after `limit`.
  std::optional<int> Wait(std::chrono::milliseconds limit);
  std::string Output() const;
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  std::string output_path_;
  std::optional<int> exit_code_;
};

// A folder that goes away with the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  // Writes a file into the folder and returns its path.
  std::string Write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

}  // namespace fleet::test
