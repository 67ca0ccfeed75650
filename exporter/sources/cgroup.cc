#include "exporter/sources/cgroup.h"

#include <fmt/format.h>
#include <glob.h>
#include <re2/re2.h>
#include <unistd.h>

#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "exporter/sources/cgroup_files.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

using source_keys::Texts;
using enum Field;

struct CgroupOptions : SourceOptions {
  std::string root = "/sys/fs/cgroup";
  std::string preset = "docker";
  Texts globs;
  std::string id_pattern;
  std::string sandbox_type;
  std::int64_t max_sandboxes = 1000;
  std::int64_t active_permille = 10;
  Duration end_after = std::chrono::seconds(30);
};

struct Preset {
  std::string_view name;
  std::vector<std::string> globs;
  std::string_view id_pattern;
};

// Names of cgroups as the runtimes make them, with systemd and without (cgroupfs): Docker's "Runtime
// metrics", the CRI naming of containerd in Kubernetes (cri-containerd-ID.scope in pod slices) and of
// nerdctl, Podman's libpod-ID.scope, and units in a slice of their own. Ids are cut to the twelve digits
// that `docker ps` shows.
const Preset& FindPreset(std::string_view name) {
  static const Preset kPresets[] = {
      {"docker",
       {"system.slice/docker-*.scope", "docker/*"},
       R"(docker[-/]([0-9a-f]{12})[0-9a-f]*(?:\.scope)?$)"},
      {"containerd",
       {"kubepods.slice/*/cri-containerd-*.scope", "kubepods.slice/*/*/cri-containerd-*.scope",
        "system.slice/nerdctl-*.scope", "kubepods/*/*", "kubepods/*/*/*"},
       R"((?:cri-containerd-|nerdctl-|/)([0-9a-f]{12})[0-9a-f]{52}(?:\.scope)?$)"},
      {"podman",
       {"machine.slice/libpod-*.scope", "user.slice/user-*.slice/user@*.service/user.slice/libpod-*.scope"},
       R"(libpod-([0-9a-f]{12})[0-9a-f]*\.scope$)"},
      {"systemd", {"sandbox.slice/*", "sandbox-*.slice/*"}, R"(/([^/]+)\.(?:service|scope)$)"},
  };
  for (const Preset& preset : kPresets) {
    if (preset.name == name) return preset;
  }
  return kPresets[0];
}

constexpr std::string_view kPresetNames[] = {"docker", "containerd", "podman", "systemd"};

// clang-format 14 takes the lambdas for functions.
// clang-format off
using O = CgroupOptions;
constexpr SourceKey kKeys[] = {
    source_keys::Choice<O, [](auto& o) -> auto& { return o.preset; }, kPresetNames>(
        {"preset", "Who makes the cgroups: `docker`, `containerd`, `podman` or `systemd` (units in "
                   "`sandbox.slice`)"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.root; }>(
        {"root", "Where cgroup version 2 is mounted"}),
    source_keys::List<O, [](auto& o) -> auto& { return o.globs; }>(
        {"globs", "Patterns of the folders below `root`, instead of the preset's"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.id_pattern; }>(
        {"id_pattern", "Regular expression (RE2) with one group, the id of the sandbox, searched in the path "
                       "below `root`; instead of the preset's"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.sandbox_type; }>(
        {"sandbox_type", "Type of these sandboxes; by default the preset's name"}),
    source_keys::Integer<O, [](auto& o) -> auto& { return o.max_sandboxes; }, 1, 100'000>(
        {"max_sandboxes", "Most cgroups read"}),
    source_keys::Integer<O, [](auto& o) -> auto& { return o.active_permille; }, 0, 1000>(
        {"active_permille", "Use of a core, in thousandths, from which a sandbox shows life; one that uses "
                            "less for `sandboxes.zombie_after` and sends nothing is a zombie"}),
    source_keys::Time<O, [](auto& o) -> auto& { return o.end_after; }>(
        {"end_after", "How long after its cgroup has gone a sandbox counts as terminated, unless that was "
                      "pushed before"}),
};
// clang-format on

std::optional<SourceType::Problem> Check(const SourceOptions& options) {
  const auto& o = static_cast<const CgroupOptions&>(options);
  if (o.id_pattern.empty()) return std::nullopt;
  const RE2 pattern(o.id_pattern, RE2::Quiet);
  if (!pattern.ok())
    return SourceType::Problem{"id_pattern", "'id_pattern' is no regular expression: " + pattern.error()};
  if (pattern.NumberOfCapturingGroups() == 1) return std::nullopt;
  return SourceType::Problem{"id_pattern", "'id_pattern' needs exactly one group (...)"};
}

struct FreeGlob {
  void operator()(glob_t* found) const {
    globfree(found);
    delete found;
  }
};

class Cgroup final : public Source {
 public:
  explicit Cgroup(const CgroupOptions& options) : options_(options) {
    const Preset& preset = FindPreset(options.preset);
    if (options_.globs.empty()) options_.globs = preset.globs;
    if (options_.sandbox_type.empty()) options_.sandbox_type = options.preset;
    pattern_ = std::make_unique<RE2>(
        options.id_pattern.empty() ? std::string(preset.id_pattern) : options.id_pattern, RE2::Quiet);
  }

  Result<void> Read(const SourceRun& run) override {
    if (access((options_.root + "/cgroup.controllers").c_str(), R_OK) != 0) {
      return Fail(options_.root + " is no cgroup version 2");
    }
    const UnixMillis now = run.clock.Now();
    const bool whole = ReadAll(run, now);
    if (whole && !std::exchange(began_, true)) RememberGone(run);
    if (whole) EndGone(now, run.facts);
    if (!whole) return Fail("not all cgroups were read by the deadline");
    return {};
  }

 private:
  struct Sandbox {
    double cpu_seconds = 0;
    UnixMillis seen;
    bool gone = false;
  };

  // False when the deadline came first.
  bool ReadAll(const SourceRun& run, UnixMillis now) {
    std::map<std::string, std::string> folders;  // by id
    for (const std::string& glob : options_.globs) Find(glob, folders, run.facts);
    for (const auto& [id, folder] : folders) {
      if (run.deadline.passed()) return false;
      if (const auto usage = ReadCgroup(folder)) {
        Report(id, *usage, now, run.facts);
      } else if (access(folder.c_str(), F_OK) == 0) {
        // There, but closed to us: that is no end.
        run.facts.Unusable(1, folder + " cannot be read");
        if (const auto it = sandboxes_.find(id); it != sandboxes_.end()) it->second.seen = now;
      }
    }
    return true;
  }

  void Find(const std::string& pattern, std::map<std::string, std::string>& folders, FactSink& facts) const {
    const std::unique_ptr<glob_t, FreeGlob> found(new glob_t{});
    glob((options_.root + "/" + pattern).c_str(), GLOB_NOSORT | GLOB_ONLYDIR, nullptr, found.get());
    for (std::size_t i = 0; i < found->gl_pathc; ++i) {
      const std::string folder = found->gl_pathv[i];
      std::string id;
      if (!RE2::PartialMatch(folder.substr(options_.root.size()), *pattern_, &id) || id.empty()) continue;
      if (folders.size() >= static_cast<std::size_t>(options_.max_sandboxes) && !folders.contains(id)) {
        facts.Unusable(1, fmt::format("there are more than {} cgroups", options_.max_sandboxes));
        continue;
      }
      folders.emplace(id, folder);
    }
  }

  void Report(const std::string& id, const CgroupUsage& usage, UnixMillis now, FactSink& facts) {
    const auto fact = [&](std::string_view type) {
      return Fact(type, now).Observed().Text(kSandboxId, id).Text(kSandboxType, options_.sandbox_type);
    };
    facts.Report(fact("sandbox.usage")
                     .Number(kMemoryBytes, usage.memory_bytes)
                     .Number(kMemoryWorkingSetBytes, usage.working_set_bytes)
                     .Number(kCpuSeconds, usage.cpu_seconds)
                     .Number(kThrottledSeconds, usage.throttled_seconds)
                     .Number(kIoReadBytes, usage.io_read_bytes)
                     .Number(kIoWrittenBytes, usage.io_written_bytes)
                     .Number(kProcesses, usage.processes));
    Fact constrained = fact("sandbox.constrained");
    constrained.Number(kCpuLimitCores, usage.cpu_limit_cores)
        .Number(kMemoryLimitBytes, usage.memory_limit_bytes)
        .Number(kOomKills, usage.oom_kills);
    for (const auto& [resource, seconds] : usage.waiting_seconds)
      constrained.Number(kWaitingSeconds, resource, seconds);
    facts.Report(constrained);
    const auto [at, is_new] = sandboxes_.try_emplace(id);
    Sandbox& sandbox = at->second;
    const double cpu = usage.cpu_seconds.value_or(0);
    const double elapsed = ToSeconds(now - sandbox.seen);
    const double cores = elapsed > 0 ? (cpu - sandbox.cpu_seconds) / elapsed : 0;
    const bool active = cores * 1000 >= static_cast<double>(options_.active_permille);
    if (!is_new && active) {
      facts.Report(
          Fact("sandbox.activity", now).Text(kSandboxId, id).Text(kSandboxType, options_.sandbox_type));
    }
    sandbox = {cpu, now, false};
  }

  // Those that went while the exporter was down, with the machine perhaps.
  void RememberGone(const SourceRun& run) {
    for (const std::string& id : run.facts.ObservedSandboxes(options_.sandbox_type)) {
      sandboxes_.try_emplace(id, Sandbox{0, run.known_until, false});
    }
  }

  // Those whose cgroups are no more use nothing; a while later they are terminated, unless somebody said
  // so and why.
  void EndGone(UnixMillis now, FactSink& facts) {
    for (auto it = sandboxes_.begin(); it != sandboxes_.end();) {
      auto& [id, sandbox] = *it;
      if (sandbox.seen != now && !sandbox.gone) ReportGone(id, now, facts);
      sandbox.gone = sandbox.seen != now;
      const bool ended = sandbox.gone && now - sandbox.seen >= options_.end_after;
      if (ended) facts.Report(Fact("sandbox.terminated", now).Text(kSandboxId, id));
      it = ended ? sandboxes_.erase(it) : std::next(it);
    }
  }

  static void ReportGone(const std::string& id, UnixMillis now, FactSink& facts) {
    facts.Report(Fact("sandbox.usage", now)
                     .Observed()
                     .Text(kSandboxId, id)
                     .Number(kMemoryBytes, 0)
                     .Number(kMemoryWorkingSetBytes, 0)
                     .Number(kProcesses, 0));
    facts.Report(Fact("sandbox.constrained", now)
                     .Observed()
                     .Text(kSandboxId, id)
                     .Number(kMemoryLimitBytes, 0)
                     .Number(kCpuLimitCores, 0));
  }

  CgroupOptions options_;
  std::unique_ptr<RE2> pattern_;
  std::map<std::string, Sandbox> sandboxes_;
  bool began_ = false;  // all cgroups have been read once
};

constexpr char kNotes[] =
    R"(Totals by type (`fleet_sandboxes_cpu_usage_seconds_total`, `fleet_sandboxes_oom_kills_total`) are added up from what
came since the last read, so they do not fall when a sandbox ends; what it used after the last read is lost, which
is why this source has a timer. Series of single sandboxes need `series.sandboxes`; their totals go on, too, when a
container or unit starts again under its name and the kernel counts from 0. A sandbox that comes back more than a
minute after it was terminated runs again; one that went while the exporter was down is terminated when it starts.

`fleet_source_up` is 0 when `root` has no readable `cgroup.controllers` or not all cgroups could be read by the
deadline. A file that is missing, too long or not what the kernel writes leaves out its values; a cgroup that cannot
be read is counted and logged as unusable, and its sandbox stays as it was.

```yaml
series: {sandboxes: 200}
sources:
  - type: cgroup
    preset: systemd
    globs: [agents.slice/agent-*.service]
    id_pattern: agent-([a-z0-9]+)\.service$
```)";

}  // namespace

const SourceType kCgroupSource = {
    .name = "cgroup",
    .summary =
        "Reads CPU, memory, block I/O, processes, pressure and OOM kills of the sandboxes on this machine "
        "from cgroup version 2 (`fleet_sandbox_*`, `fleet_sandboxes_*`).",
    .notes = kNotes,
    .keys = kKeys,
    .interval = std::chrono::seconds(5),
    .defaults = []() -> std::unique_ptr<SourceOptions> { return std::make_unique<CgroupOptions>(); },
    .check = Check,
    .make = [](const SourceOptions& options, const std::string&) -> std::unique_ptr<Source> {
      return std::make_unique<Cgroup>(static_cast<const CgroupOptions&>(options));
    },
};

}  // namespace fleet
