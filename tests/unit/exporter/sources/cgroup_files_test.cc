#include "exporter/sources/cgroup_files.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "tests/support/process.h"

namespace fleet {
namespace {

using Files = std::map<std::string, std::string>;

std::string Print(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : "-"; }

// Every value of a cgroup with these files, "-" for what is absent.
std::string Shown(const Files& files) {
  const test::TemporaryFolder folder;
  for (const auto& [name, text] : files) folder.Write(name, text);
  const auto usage = ReadCgroup(folder.path());
  if (!usage) return "no cgroup";
  std::string text =
      fmt::format("cpu {} {} {}, memory {} {} {} {}, io {} {}, pids {}", Print(usage->cpu_seconds),
                  Print(usage->throttled_seconds), Print(usage->cpu_limit_cores), Print(usage->memory_bytes),
                  Print(usage->working_set_bytes), Print(usage->memory_limit_bytes), Print(usage->oom_kills),
                  Print(usage->io_read_bytes), Print(usage->io_written_bytes), Print(usage->processes));
  for (const auto& [resource, seconds] : usage->waiting_seconds)
    text += fmt::format(", {} {}", resource, seconds);
  return text;
}

Files WithCpu(const std::string& file, const std::string& text) {
  return {{"cpu.stat", "usage_usec 2500000\n"}, {file, text}};
}

constexpr char kNothingElse[] = "cpu 2.5 - -, memory - - - -, io - -, pids -";

TEST_CASE("cgroup files: without cpu.stat there is no cgroup, without the others there are gaps") {
  CHECK(Shown({}) == "no cgroup");
  CHECK(Shown({{"memory.current", "1\n"}}) == "no cgroup");
  CHECK(Shown(WithCpu("x", "")) == kNothingElse);
}

TEST_CASE("cgroup files: as the kernel writes them") {
  CHECK(Shown({{"cpu.stat", "usage_usec 2500000\nuser_usec 1\nthrottled_usec 250000\n"},
               {"cpu.max", "150000 100000\n"},
               {"memory.current", "1000\n"},
               {"memory.stat", "anon 100\ninactive_file 300\n"},
               {"memory.max", "max\n"},
               {"memory.events", "oom 2\noom_kill 1\noom_group_kill 0\n"},
               {"io.stat", "8:0 rbytes=100 wbytes=20 rios=1\n259:0 rbytes=1 wbytes=2\n"},
               {"pids.current", "7\n"},
               {"io.pressure", "some avg10=0.00 total=1500000\nfull avg10=0.00 total=9\n"}}) ==
        "cpu 2.5 0.25 1.5, memory 1000 700 0 1, io 101 22, pids 7, io 1.5");
}

TEST_CASE("cgroup files: what the kernel would never write is left out") {
  const std::pair<const char*, const char*> files[] = {{"memory.current", "-5\n"},
                                                       {"memory.current", "nan\n"},
                                                       {"memory.current", "1e9\n"},
                                                       {"memory.current", ""},
                                                       {"memory.current", "99999999999999999999999\n"},
                                                       {"pids.current", "7 apples\n"},
                                                       {"cpu.max", "150000\n"},
                                                       {"cpu.max", "150000 0\n"},
                                                       {"cpu.max", "\n"},
                                                       {"io.stat", "8:0 rbytes=x wbytes=y\n"},
                                                       {"memory.events", "oom_kill\n"},
                                                       {"io.pressure", "full total=5\n"},
                                                       {"io.pressure", "some avg10=0.00\n"},
                                                       {"io.pressure", "some total=-1\n"}};
  for (const auto& [file, text] : files) {
    CAPTURE(file, text);
    CHECK(Shown(WithCpu(file, text)) == kNothingElse);
  }
  CHECK(Shown(WithCpu("memory.current", "1\n" + std::string(300 * 1024, '1'))) == kNothingElse);
}

}  // namespace
}  // namespace fleet
