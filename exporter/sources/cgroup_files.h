// What the files of one cgroup (version 2) say.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace fleet {

// Absent: the controller is not on, or the file cannot be read.
struct CgroupUsage {
  std::optional<double> cpu_seconds, throttled_seconds, cpu_limit_cores;  // limit 0: none
  std::optional<double> memory_bytes, working_set_bytes, memory_limit_bytes, oom_kills;
  std::optional<double> io_read_bytes, io_written_bytes, processes;
  std::map<std::string, double> waiting_seconds;  // by resource: cpu, memory, io
};

// Nothing when there is no such cgroup (any more). `folder` has no slash at its end.
std::optional<CgroupUsage> ReadCgroup(const std::string& folder);

}  // namespace fleet
