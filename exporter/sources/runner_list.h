// What an HTTP API says about its runners, mapped to the words of the fleet. The one adapter of simdjson
// among the sources.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace fleet {

// Where things stand in the JSON: paths of member names, "host.os"; several separated by blanks are
// tried in turn, the first that is there wins.
struct RunnerMapping {
  // `list` is the array; "." stands for the document itself. Others: id, pool, state, busy, heartbeat,
  // slots, slots_used, active_runs, version, os.
  std::map<std::string, std::string, std::less<>> fields;
  // What the API calls a state -> idle, busy, draining or offline.
  std::map<std::string, std::string, std::less<>> states;
};

struct ListedRunner {
  std::string id;
  std::string pool;
  std::string state;  // idle, busy, draining, offline; empty: not known
  std::string version;
  std::string os;
  std::optional<UnixMillis> heartbeat;
  std::optional<double> slots, slots_used, active_runs;
};

struct RunnerList {
  std::vector<ListedRunner> runners;
  bool complete = true;  // false: there were more than `most`
  // Elements without an id, or states nobody knows, and the first of them in words.
  std::size_t unusable = 0;
  std::string example;
};

// Keeps its buffers. Not thread-safe.
class RunnerListParser {
 public:
  RunnerListParser();
  ~RunnerListParser();
  RunnerListParser(const RunnerListParser&) = delete;
  RunnerListParser& operator=(const RunnerListParser&) = delete;

  Result<RunnerList> Parse(std::string_view json, const RunnerMapping& mapping, std::size_t most);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fleet
