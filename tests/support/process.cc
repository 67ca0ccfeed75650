#include "tests/support/process.h"
#include "tests/support/paths.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace fleet::test {
namespace {

std::string ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Never returns: the child becomes the command, with its input and output redirected.
[[noreturn]] void Become(const std::vector<std::string>& command, int input, int output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a crashed test leaves nothing behind
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  std::perror(arguments[0]);
  _exit(127);
}

pid_t Spawn(const std::vector<std::string>& command, const std::string& input_path,
            const std::string& output_path) {
  const int input = open(input_path.c_str(), O_RDONLY | O_CLOEXEC);
  const int output = open(output_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (input < 0 || output < 0) throw std::runtime_error("cannot redirect " + command.front());
  const pid_t pid = fork();
  if (pid == 0) Become(command, input, output);
  close(input);
  close(output);
  if (pid < 0) throw std::runtime_error("cannot start " + command.front());
  return pid;
}

int ExitCode(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

int FreePort() {
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = bind(socket_fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(socket_fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(socket_fd);
  if (!bound) throw std::runtime_error("no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

bool WaitFor(std::chrono::milliseconds limit, const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

std::string FindProgram(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::stringstream folders(std::string(path ? path : "") + ":" + SourcePath("build/tools/usr/bin"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  throw std::runtime_error(name + " is missing; run scripts/setup");
}

Finished RunProgram(const std::vector<std::string>& command, const std::string& input) {
  const TemporaryFolder folder;
  const std::string output_path = folder.path() + "/output";
  const pid_t pid = Spawn(command, folder.Write("input", input), output_path);
  int status = 0;
  waitpid(pid, &status, 0);
  return {ExitCode(status), ReadWhole(output_path)};
}

Process::Process(const std::vector<std::string>& command) {
  char name[] = "/tmp/fleet-test-output-XXXXXX";
  const int fd = mkstemp(name);
  if (fd < 0) throw std::runtime_error("cannot create a file in /tmp");
  close(fd);
  output_path_ = name;
  pid_ = Spawn(command, "/dev/null", output_path_);
}

Process::~Process() {
  if (!exit_code_) {
    Signal(SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  unlink(output_path_.c_str());
}

void Process::Signal(int number) const { kill(pid_, number); }

std::optional<int> Process::Wait(std::chrono::milliseconds limit) {
  WaitFor(limit, [this] {
    int status = 0;
    if (!exit_code_ && waitpid(pid_, &status, WNOHANG) == pid_) exit_code_ = ExitCode(status);
    return exit_code_.has_value();
  });
  return exit_code_;
}

std::string Process::Output() const { return ReadWhole(output_path_); }

TemporaryFolder::TemporaryFolder() {
  char name[] = "/tmp/fleet-test-XXXXXX";
  if (mkdtemp(name) == nullptr) throw std::runtime_error("cannot create a folder in /tmp");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::Write(const std::string& name, const std::string& text) const {
  const std::string path = path_ + "/" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

}  // namespace fleet::test
