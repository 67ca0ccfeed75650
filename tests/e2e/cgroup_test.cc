// The source `cgroup` on a tree of files as the kernel writes them, and on the machine's own.
#include <fmt/format.h>
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>

#include "tests/e2e/source_server.h"

using fleet::test::HasLine;
using fleet::test::SourceServer;
using fleet::test::TemporaryFolder;
using fleet::test::WaitFor;

namespace {

constexpr char kId[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

// A cgroup tree in a temporary folder.
class Tree {
 public:
  Tree() { folder_.Write("cgroup.controllers", "cpu io memory pids\n"); }

  std::string root() const { return folder_.path(); }

  void Add(const std::string& path, double cpu_seconds, const std::string& cpu_max = "150000 100000") const {
    std::filesystem::create_directories(root() + "/" + path);
    const auto write = [&](const char* file, const std::string& text) {
      folder_.Write(path + "/" + file, text);
    };
    write("cpu.stat", fmt::format("usage_usec {}\nuser_usec 1\nsystem_usec 1\nnr_periods 9\nnr_throttled 1\n"
                                  "throttled_usec 250000\n",
                                  static_cast<long>(cpu_seconds * 1e6)));
    write("cpu.max", cpu_max + "\n");
    write("memory.current", "1000\n");
    write("memory.max", "4096\n");
    write("memory.stat", "anon 100\nfile 900\ninactive_file 300\nactive_file 600\n");
    write("memory.events", "low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\noom_group_kill 0\n");
    write("io.stat",
          "8:0 rbytes=100 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n259:0 rbytes=1 wbytes=2 rios=1 wios=1 "
          "dbytes=0 dios=0\n");
    write("pids.current", "7\n");
    write("cpu.pressure",
          "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\nfull avg10=0.00 avg60=0.00 "
          "avg300=0.00 total=9\n");
  }
  void Write(const std::string& file, const std::string& text) const { folder_.Write(file, text); }
  void Remove(const std::string& path) const { std::filesystem::remove_all(root() + "/" + path); }

 private:
  TemporaryFolder folder_;
};

std::string CgroupConfig(const std::string& root, const std::string& more = {}) {
  return fmt::format(
      "series: {{sandboxes: 10}}\nsources:\n  - {{type: cgroup, root: {}, interval: 100ms{}}}\n", root, more);
}

}  // namespace

TEST_CASE("cgroup: everything the files say, by sandbox and by type") {
  Tree tree;
  tree.Add(fmt::format("system.slice/docker-{}.scope", kId), 2.5);
  tree.Add("system.slice/ssh.service", 100);
  SourceServer server(CgroupConfig(tree.root()));
  const std::string page = server.Page();
  for (const char* line : {
           "fleet_source_up{source=\"cgroup\"} 1",
           "fleet_sandboxes{sandbox_type=\"docker\",state=\"running\"} 1",
           "fleet_sandboxes_cpu_usage_seconds_total{sandbox_type=\"docker\"} 2.5",
           "fleet_sandboxes_memory_usage_bytes{sandbox_type=\"docker\"} 1000",
           "fleet_sandboxes_memory_limit_bytes{sandbox_type=\"docker\"} 4096",
           "fleet_sandboxes_cpu_limit_cores{sandbox_type=\"docker\"} 1.5",
           "fleet_sandboxes_oom_kills_total{sandbox_type=\"docker\"} 1",
           "fleet_sandbox_cpu_usage_seconds_total{sandbox_id=\"0123456789ab\"} 2.5",
           "fleet_sandbox_cpu_throttled_seconds_total{sandbox_id=\"0123456789ab\"} 0.25",
           "fleet_sandbox_cpu_limit_cores{sandbox_id=\"0123456789ab\"} 1.5",
           "fleet_sandbox_memory_usage_bytes{sandbox_id=\"0123456789ab\"} 1000",
           "fleet_sandbox_memory_working_set_bytes{sandbox_id=\"0123456789ab\"} 700",
           "fleet_sandbox_memory_limit_bytes{sandbox_id=\"0123456789ab\"} 4096",
           "fleet_sandbox_io_read_bytes_total{sandbox_id=\"0123456789ab\"} 101",
           "fleet_sandbox_io_written_bytes_total{sandbox_id=\"0123456789ab\"} 22",
           "fleet_sandbox_oom_kills_total{sandbox_id=\"0123456789ab\"} 1",
           "fleet_sandbox_processes{sandbox_id=\"0123456789ab\"} 7",
           "fleet_sandbox_pressure_waiting_seconds_total{sandbox_id=\"0123456789ab\",resource=\"cpu\"} 1.5",
       }) {
    CAPTURE(line);
    CHECK(HasLine(page, line));
  }
}

TEST_CASE("cgroup: sandboxes that went while the exporter was down have ended") {
  Tree tree;
  tree.Add("sandbox.slice/a.service", 2);
  tree.Add("sandbox.slice/b.scope", 3);
  const std::string config = CgroupConfig(tree.root(), ", preset: systemd, end_after: 1ms");
  const TemporaryFolder folder;
  const std::string store = "--storage.path=" + folder.path();
  {
    SourceServer server(config, store);
    CHECK(server.Shows("fleet_sandboxes{sandbox_type=\"systemd\",state=\"running\"} 2"));
    server.exporter().Send("sandbox.usage",
                           {{"sandbox_id", "elsewhere"}, {"sandbox_type", "systemd"}, {"cpu_seconds", 1}});
    server.exporter().process().Signal(SIGTERM);
    REQUIRE(server.exporter().process().Wait(std::chrono::seconds(30)));
  }
  tree.Remove("sandbox.slice/b.scope");
  SourceServer server(config, store);
  CHECK(server.Shows("fleet_sandbox_terminations_total{reason=\"other\"} 1"));
  const std::string page = server.Page();
  CHECK(HasLine(page, "fleet_sandboxes{sandbox_type=\"systemd\",state=\"running\"} 2"));
  CHECK(HasLine(page, "fleet_sandboxes_cpu_usage_seconds_total{sandbox_type=\"systemd\"} 6"));
}

TEST_CASE("cgroup: totals never fall, whichever sandboxes come and go") {
  const std::string total = "fleet_sandboxes_cpu_usage_seconds_total{sandbox_type=\"systemd\"} ";
  Tree tree;
  tree.Add("sandbox.slice/a.service", 2);
  tree.Add("sandbox.slice/b.scope", 3, "max 100000");
  SourceServer server(CgroupConfig(tree.root(), ", preset: systemd, end_after: 1ms"));
  CHECK(server.Shows(total + "5"));
  CHECK(HasLine(server.Page(), "fleet_sandboxes_cpu_limit_cores{sandbox_type=\"systemd\"} 1.5"));
  tree.Remove("sandbox.slice/b.scope");
  tree.Add("sandbox.slice/a.service", 2.5);
  CHECK(server.Shows(total + "5.5"));
  CHECK(server.Shows("fleet_sandbox_terminations_total{reason=\"other\"} 1"));
  CHECK(HasLine(server.Page(), "fleet_sandboxes{sandbox_type=\"systemd\",state=\"running\"} 1"));
  CHECK(HasLine(server.Page(), total + "5.5"));
  // Restarted under the same name: it counts from 0.
  tree.Add("sandbox.slice/a.service", 1);
  CHECK(server.Shows(total + "6.5"));
}

TEST_CASE("cgroup: files that are missing or nonsense leave gaps, and no cgroup 2 is a failed source") {
  Tree tree;
  tree.Add("sandbox.slice/a.service", 1);
  for (const char* file : {"memory.current", "io.stat", "cpu.max"}) {
    std::filesystem::remove(tree.root() + "/sandbox.slice/a.service/" + file);
  }
  {
    SourceServer server(CgroupConfig(tree.root(), ", preset: systemd"));
    CHECK(server.Shows("fleet_sandbox_processes{sandbox_id=\"a\"} 7"));
    CHECK(server.Page().find("fleet_sandbox_memory_usage_bytes{") == std::string::npos);
  }
  SourceServer none(CgroupConfig(tree.root() + "/sandbox.slice"));
  CHECK(none.Shows("fleet_source_up{source=\"cgroup\"} 0"));
  CHECK(none.CountInLog("is no cgroup version 2") == 1);
}

TEST_CASE("cgroup: garbage, huge files and folders that vanish spoil nothing else") {
  Tree tree;
  tree.Add("sandbox.slice/good.service", 1);
  tree.Add("sandbox.slice/bad.service", 1);
  tree.Write("sandbox.slice/bad.service/memory.current", "-7 apples");
  tree.Write("sandbox.slice/bad.service/cpu.stat", std::string(10'000'000, 'x'));
  SourceServer server(CgroupConfig(tree.root(), ", preset: systemd, end_after: 1ms"));
  CHECK(server.Shows("fleet_sandbox_memory_usage_bytes{sandbox_id=\"good\"} 1000"));
  const std::string page = server.Page();
  CHECK(HasLine(page, "fleet_source_up{source=\"cgroup\"} 1"));
  CHECK(page.find("sandbox_id=\"bad\"") == std::string::npos);
  CHECK(server.CountInLog("cannot be read") == 1);
  tree.Remove("sandbox.slice/good.service");
  CHECK(server.Shows("fleet_sandboxes{sandbox_type=\"systemd\",state=\"running\"} 0"));
  CHECK(HasLine(server.Page(), "fleet_source_up{source=\"cgroup\"} 1"));
}

TEST_CASE("cgroup: the machine's own tree can be read, where it is version 2") {
  for (const std::string root : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    if (!std::filesystem::exists(root + "/cgroup.controllers")) continue;
    SourceServer server(CgroupConfig(root, ", globs: [\"*\"], id_pattern: \"/([^/]+)$\""));
    CHECK(server.Shows("fleet_source_up{source=\"cgroup\"} 1"));
    CHECK(server.CountInLog("Source failed") == 0);
  }
}
