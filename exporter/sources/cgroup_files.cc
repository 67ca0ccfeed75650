#include "exporter/sources/cgroup_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "lib/base/text.h"

namespace fleet {
namespace {

constexpr double kMicros = 1e-6;

// Files of cgroups are short: memory.stat has some 60 lines, io.stat one for each device. What is longer
// is none of theirs, and half of it would be half a number.
constexpr std::size_t kLongestFile = 256 * 1024;

std::optional<std::string> ReadShort(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return std::nullopt;
  std::string text;
  std::array<char, 4096> part{};
  ssize_t got = 0;
  while (text.size() <= kLongestFile && (got = read(fd, part.data(), part.size())) > 0) {
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  close(fd);
  if (got < 0 || text.size() > kLongestFile) return std::nullopt;
  return text;
}

// The kernel writes digits and nothing else.
std::optional<double> Number(std::string_view text) {
  const std::string_view digits = Trim(text);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return static_cast<double>(number);
}

// The value of "NAME VALUE", one a line.
std::optional<double> Line(const std::optional<std::string>& text, std::string_view name) {
  if (!text) return std::nullopt;
  for (const std::string_view line : Split(*text, '\n')) {
    if (line.starts_with(name) && line.substr(name.size()).starts_with(' '))
      return Number(line.substr(name.size()));
  }
  return std::nullopt;
}

std::optional<double> Scaled(std::optional<double> value, double factor) {
  if (value) *value *= factor;
  return value;
}

// The sum of all NAME=VALUE. Nothing when one is no number: a sum of the others would look like a restart.
std::optional<double> SumOf(const std::optional<std::string>& text, std::string_view name) {
  if (!text) return std::nullopt;
  double sum = 0;
  std::string words = *text;
  std::ranges::replace(words, '\n', ' ');
  for (const std::string_view word : Split(words, ' ')) {
    if (!word.starts_with(name) || !word.substr(name.size()).starts_with('=')) continue;
    const auto number = Number(word.substr(name.size() + 1));
    if (!number) return std::nullopt;
    sum += *number;
  }
  return sum;
}

// "max", or a number. 0: no limit.
std::optional<double> Limit(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return Trim(*text) == "max" ? 0 : Number(*text);
}

// "QUOTA PERIOD" in microseconds, or "max PERIOD".
std::optional<double> CpuLimit(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const auto words = Split(Trim(*text), ' ');
  if (words.front() == "max") return 0;
  const auto quota = Number(words.front());
  const auto period = words.size() == 2 ? Number(words[1]) : std::nullopt;
  if (!quota || !period || *period <= 0) return std::nullopt;
  return *quota / *period;
}

}  // namespace

std::optional<CgroupUsage> ReadCgroup(const std::string& folder) {
  const auto file = [&](const char* name) { return ReadShort(folder + "/" + name); };
  const auto cpu = file("cpu.stat");
  if (!cpu) return std::nullopt;  // every cgroup has it, whatever controllers are on
  CgroupUsage usage;
  usage.cpu_seconds = Scaled(Line(cpu, "usage_usec"), kMicros);
  usage.throttled_seconds = Scaled(Line(cpu, "throttled_usec"), kMicros);
  usage.cpu_limit_cores = CpuLimit(file("cpu.max"));
  if (const auto memory = file("memory.current")) usage.memory_bytes = Number(*memory);
  if (const auto inactive = Line(file("memory.stat"), "inactive_file"); inactive && usage.memory_bytes) {
    usage.working_set_bytes = std::max(0.0, *usage.memory_bytes - *inactive);
  }
  usage.memory_limit_bytes = Limit(file("memory.max"));
  usage.oom_kills = Line(file("memory.events"), "oom_kill");
  const auto io = file("io.stat");
  usage.io_read_bytes = SumOf(io, "rbytes");
  usage.io_written_bytes = SumOf(io, "wbytes");
  if (const auto pids = file("pids.current")) usage.processes = Number(*pids);
  for (const char* resource : {"cpu", "memory", "io"}) {
    const auto pressure = file((std::string(resource) + ".pressure").c_str());
    if (!pressure) continue;
    const std::string_view some = Split(*pressure, '\n').front();  // "some avg10=... total=MICROSECONDS"
    const auto total = SumOf(std::string(some), "total");
    if (some.starts_with("some ") && some.find(" total=") != std::string_view::npos && total)
      usage.waiting_seconds[resource] = *total * kMicros;
  }
  return usage;
}

}  // namespace fleet
