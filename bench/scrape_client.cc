// Times scrapes of a server on 127.0.0.1 and reads that server's CPU time while it answers.
//
//   bench_scrape PORT PATH PID RUNS plain|gzip
//
// Prints one JSON object: median wall time and CPU time of a scrape (milliseconds), bytes, and the
// server's resident memory before and after (MB). CPU is the run time of all threads of PID as the
// kernel counts it (schedstat), so what the client costs is not in it. Each scrape is a connection.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

// Bytes of the whole answer; 0 when the server did not give one.
std::size_t Scrape(int port, const std::string& request) {
  const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{120, 0};
  setsockopt(socket_fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::size_t total = 0;
  if (connect(socket_fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      write(socket_fd, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
    static std::vector<char> buffer(1U << 20U);
    for (ssize_t got; (got = read(socket_fd, buffer.data(), buffer.size())) > 0;) {
      total += static_cast<std::size_t>(got);
    }
  }
  close(socket_fd);
  return total;
}

double CpuMillis(const std::string& pid) {
  double nanoseconds = 0;
  std::error_code error;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + pid + "/task", error)) {
    std::ifstream schedstat(thread.path() / "schedstat");
    double run_time = 0;
    schedstat >> run_time;
    nanoseconds += run_time;
  }
  return nanoseconds / 1e6;
}

double ResidentMegabytes(const std::string& pid) {
  std::ifstream status("/proc/" + pid + "/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == "VmRSS:" && status >> kilobytes) return kilobytes / 1024;
  }
  return 0;
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fputs("usage: bench_scrape PORT PATH PID RUNS plain|gzip\n", stderr);
    return 2;
  }
  const int port = std::atoi(argv[1]);
  const std::string pid = argv[3];
  const int runs = std::atoi(argv[4]);
  const bool gzip = std::string_view(argv[5]) == "gzip";
  const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{}\r\n",
                                          argv[2], gzip ? "Accept-Encoding: gzip\r\n" : "");

  const double memory_before = ResidentMegabytes(pid);
  const std::size_t bytes = Scrape(port, request);  // warm
  std::vector<double> wall;
  const double cpu_before = CpuMillis(pid);
  for (int i = 0; i < runs; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    if (Scrape(port, request) == 0) {
      std::fputs("bench_scrape: no answer\n", stderr);
      return 1;
    }
    wall.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  const double cpu = (CpuMillis(pid) - cpu_before) / runs;
  fmt::print(
      "{{\"wall_ms\":{:.4f},\"cpu_ms\":{:.4f},\"bytes\":{},\"rss_before_mb\":{:.1f},\"rss_mb\":{:.1f}}}\n",
      Median(wall), cpu, bytes, memory_before, ResidentMegabytes(pid));
  return 0;
}
