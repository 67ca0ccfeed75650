#include "tests/support/servers.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace fleet::test {
namespace {

constexpr std::chrono::seconds kStartLimit{60};

// The newest of those installed: they are not in PATH.
std::string FindPostgres(const std::string& program) {
  std::string newest;
  const std::filesystem::path all = "/usr/lib/postgresql";
  if (std::filesystem::exists(all)) {
    for (const auto& version : std::filesystem::directory_iterator(all)) {
      const std::string path = version.path() / "bin" / program;
      if (std::filesystem::exists(path)) newest = std::max(newest, path);
    }
  }
  if (newest.empty()) throw std::runtime_error(program + " is missing; run scripts/setup");
  return newest;
}

std::vector<std::string> AsNobody(std::vector<std::string> command) {
  if (geteuid() != 0) return command;
  const std::vector<std::string> become = {"setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                                           "--pdeathsig=KILL"};
  command.insert(command.begin(), become.begin(), become.end());
  return command;
}

void Run(const std::vector<std::string>& command) {
  const Finished finished = RunProgram(command);
  if (finished.exit_code != 0) throw std::runtime_error(command.front() + ": " + finished.out);
}

// The process and all that descend from it.
void SignalTree(pid_t pid, int number) {
  std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", pid));
  for (pid_t child = 0; children >> child;) SignalTree(child, number);
  kill(pid, number);
}

}  // namespace

PostgresServer::PostgresServer(std::vector<std::string> settings)
    : port_(FreePort()), settings_(std::move(settings)) {
  if (geteuid() == 0) Run({"chown", "nobody:nogroup", folder_.path()});
  Run(AsNobody({FindPostgres("initdb"), "-D", Data(), "-U", "fleet", "--auth=trust", "--no-sync",
                "--locale=C.UTF-8", "--encoding=UTF8"}));
  Start();
}

PostgresServer::~PostgresServer() {
  if (process_ != nullptr) SignalTree(process_->pid(), SIGKILL);
}

void PostgresServer::Start() {
  std::vector<std::string> command = {FindPostgres("postgres"),     "-D", Data(),         "-p",
                                      std::to_string(port_),        "-k", folder_.path(), "-c",
                                      "listen_addresses=127.0.0.1", "-c", "fsync=off"};
  for (const std::string& setting : settings_) command.insert(command.end(), {"-c", setting});
  process_ = std::make_unique<Process>(AsNobody(command));
  const bool ready = WaitFor(kStartLimit, [&] {
    return RunProgram({FindPostgres("pg_isready"), "-q", "-h", folder_.path(), "-p", std::to_string(port_)})
               .exit_code == 0;
  });
  if (!ready) throw std::runtime_error("PostgreSQL does not start: " + process_->Output());
}

void PostgresServer::Stop() {
  process_->Signal(SIGINT);
  if (!process_->Wait(kStartLimit)) throw std::runtime_error("PostgreSQL does not end");
  process_.reset();
}

void PostgresServer::SignalAll(int number) const { SignalTree(process_->pid(), number); }

std::string PostgresServer::conninfo() const {
  return fmt::format("host=127.0.0.1 port={} dbname=postgres user=fleet", port_);
}

std::string PostgresServer::Sql(const std::string& sql) const {
  const Finished finished =
      RunProgram({FindPostgres("psql"), "-h", folder_.path(), "-p", std::to_string(port_), "-U", "fleet",
                  "-d", "postgres", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"},
                 sql);
  if (finished.exit_code != 0) throw std::runtime_error(finished.out);
  std::string out = finished.out;
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

RedisServer::RedisServer(std::vector<std::string> arguments)
    : port_(FreePort()), arguments_(std::move(arguments)) {
  Start();
}

void RedisServer::Start() {
  std::vector<std::string> command = {FindProgram("redis-server"),
                                      "--port",
                                      std::to_string(port_),
                                      "--bind",
                                      "127.0.0.1",
                                      "--save",
                                      "",
                                      "--dir",
                                      folder_.path()};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  process_ = std::make_unique<Process>(command);
  const bool ready = WaitFor(kStartLimit, [&] {
    return process_->Output().find("Ready to accept connections") != std::string::npos;
  });
  if (!ready) throw std::runtime_error("Redis does not start: " + process_->Output());
}

std::string RedisServer::Command(std::vector<std::string> words) const {
  words.insert(words.begin(),
               {FindProgram("redis-cli"), "-e", "-h", "127.0.0.1", "-p", std::to_string(port_)});
  const Finished finished = RunProgram(words);
  if (finished.exit_code != 0) throw std::runtime_error(finished.out);
  return finished.out;
}

}  // namespace fleet::test
