// PostgreSQL and Redis of the distribution, each in a folder of its own, for one test.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace fleet::test {

class PostgresServer {
 public:
  // Listens on 127.0.0.1 and in its folder, and trusts everybody. PostgreSQL does not run as root: then
  // it runs as the user nobody.
  explicit PostgresServer(std::vector<std::string> settings = {});
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  std::string conninfo() const;
  // Runs SQL over the socket and returns what psql prints, rows alone; throws when it fails.
  std::string Sql(const std::string& sql) const;
  void Start();
  // Waits for the end.
  void Stop();
  // To the server and all its children.
  void SignalAll(int number) const;
  int port() const { return port_; }

 private:
  std::string Data() const { return folder_.path() + "/data"; }

  TemporaryFolder folder_;
  int port_;
  std::vector<std::string> settings_;
  std::unique_ptr<Process> process_;
};

class RedisServer {
 public:
  // `arguments` as of redis-server, without the port.
  explicit RedisServer(std::vector<std::string> arguments = {});

  // Runs a command and returns what redis-cli prints; throws when it fails.
  std::string Command(std::vector<std::string> words) const;
  Process& process() { return *process_; }
  void Start();
  int port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
  int port_;
  std::vector<std::string> arguments_;
  std::unique_ptr<Process> process_;
};

}  // namespace fleet::test
