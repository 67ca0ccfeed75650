#include "exporter/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <memory>
#include <sstream>
#include <string>

#include "lib/base/file_system.h"
#include "lib/base/freed.h"

namespace fleet {
namespace {

using catalog::MetricType;
using catalog::Unit;

const std::array<FamilyHeader, 6> kHeaders = {{
    {"process_cpu_seconds_total",
     MetricType::kCounter,
     Unit::kSeconds,
     "Total user and system CPU time spent in seconds",
     {}},
    {"process_open_fds", MetricType::kGauge, Unit::kNone, "Number of open file descriptors", {}},
    {"process_max_fds", MetricType::kGauge, Unit::kNone, "Maximum number of open file descriptors", {}},
    {"process_virtual_memory_bytes", MetricType::kGauge, Unit::kBytes, "Virtual memory size in bytes", {}},
    {"process_resident_memory_bytes", MetricType::kGauge, Unit::kBytes, "Resident memory size in bytes", {}},
    {"process_start_time_seconds",
     MetricType::kGauge,
     Unit::kUnixSeconds,
     "Start time of the process since unix epoch in seconds",
     {}},
}};

using StatValues = std::array<std::optional<double>, kHeaders.size()>;

// Seconds since the epoch at which the machine booted, from the line "btime N".
std::optional<double> BootTime() {
  const auto stat = ReadFile("/proc/stat");
  if (!stat) return std::nullopt;
  const std::size_t at = stat->find("\nbtime ");
  if (at == std::string::npos) return std::nullopt;
  return std::strtod(stat->c_str() + at + 7, nullptr);
}

// proc(5), /proc/pid/stat. The name in parentheses may contain anything: count from behind it.
void ReadStat(StatValues& values) {
  const auto stat = ReadFile("/proc/self/stat");
  if (!stat || stat->rfind(") ") == std::string::npos) return;
  std::istringstream fields(stat->substr(stat->rfind(") ") + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double start = 0, virtual_bytes = 0, resident_pages = 0;
  for (int i = 14; i < 22; ++i) fields >> skipped;
  fields >> start >> virtual_bytes >> resident_pages;
  if (!fields) return;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  values[3] = virtual_bytes;
  values[4] = resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  static const std::optional<double> kBoot = BootTime();
  if (kBoot) values[5] = *kBoot + start / ticks;
}

// Linux tells the number since 6.2. Before, the folder has to be listed.
std::optional<double> CountOpenFiles() {
  constexpr const char* kFolder = "/proc/self/fd";
  struct stat told {};
  if (stat(kFolder, &told) == 0 && told.st_size > 0) return static_cast<double>(told.st_size);
  static FolderCount listed(kFolder);
  const auto count = listed.Count(std::chrono::steady_clock::now());
  if (!count) return std::nullopt;
  return *count - 1;  // the descriptor of the listing itself
}

}  // namespace

std::optional<double> FolderCount::Count(std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (count_ && now - counted_ < kAge) return count_;
  counted_ = now;
  count_.reset();
  const std::unique_ptr<DIR, Freed<closedir>> folder(opendir(path_.c_str()));
  if (folder == nullptr) return std::nullopt;
  count_ = 0;
  while (const dirent* entry = readdir(folder.get())) {  // NOLINT: no other thread has this folder
    if (entry->d_name[0] != '.') ++*count_;
  }
  return count_;
}

void CollectProcess(Snapshot& snapshot) {
  StatValues values;
  ReadStat(values);
  timespec cpu{};  // finer than the ticks of /proc/self/stat
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0) {
    values[0] = static_cast<double>(cpu.tv_sec) + static_cast<double>(cpu.tv_nsec) / 1e9;
  }
  values[1] = CountOpenFiles();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) values[2] = static_cast<double>(limit.rlim_cur);
  static const auto kNoLabels = [] {
    auto labels = std::make_shared<SeriesLabels>();
    labels->Add("");
    return labels;
  }();
  for (std::size_t i = 0; i < kHeaders.size(); ++i) {
    if (values[i]) snapshot.families.push_back({&kHeaders[i], kNoLabels, {*values[i]}, {}});
  }
}

}  // namespace fleet
