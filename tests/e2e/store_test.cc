// The store under the real program: killed, full, read-only, damaged, restarted.
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "lib/base/text.h"
#include "tests/support/http.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

using fleet::test::ExporterProgram;
using fleet::test::Fetch;
using fleet::test::Finished;
using fleet::test::FreePort;
using fleet::test::Get;
using fleet::test::HttpReply;
using fleet::test::kPatience;
using fleet::test::Process;
using fleet::test::RunProgram;
using fleet::test::TemporaryFolder;
using fleet::test::WaitFor;

namespace {

// An exporter that is started again and again, always with the same store and ports.
class StoredExporter {
 public:
  explicit StoredExporter(std::string folder, std::vector<std::string> flags = {},
                          std::vector<std::string> before = {})
      : folder_(std::move(folder)) {
    command_ = std::move(before);
    command_.insert(command_.end(), {ExporterProgram(), "--storage.path=" + folder_, "--log.level=debug",
                                     "--web.listen-address=127.0.0.1:" + std::to_string(scrape_port_),
                                     "--ingest.listen-address=127.0.0.1:" + std::to_string(ingest_port_)});
    command_.insert(command_.end(), flags.begin(), flags.end());
  }

  void Start() {
    process_ = std::make_unique<Process>(command_);
    const bool ready = WaitFor(kPatience, [&] {
      return Get(Url("/-/ready")).status == 200 || process_->Wait(std::chrono::milliseconds(0));
    });
    INFO(process_->Output());
    REQUIRE(ready);
    REQUIRE_FALSE(process_->Wait(std::chrono::milliseconds(0)));
  }
  void Kill() {
    process_->Signal(SIGKILL);
    process_->Wait(kPatience);
  }
  void Stop() {
    process_->Signal(SIGTERM);
    CHECK(process_->Wait(kPatience) == 0);
  }
  void Restart() {
    Stop();
    Start();
  }

  HttpReply Post(const std::string& lines) const {
    return Fetch("POST", "http://127.0.0.1:" + std::to_string(ingest_port_) + "/api/v1/events", lines,
                 {"Content-Type: application/x-ndjson"});
  }
  std::string Url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(scrape_port_) + path;
  }
  // Lines of the page that begin so; the exporter's own metrics begin anew and are left out.
  std::vector<std::string> Lines(const std::string& prefix) const {
    std::vector<std::string> lines;
    const std::string page = Get(Url("/metrics")).body;
    for (const std::string_view line : fleet::Split(page, '\n')) {
      if (line.starts_with(prefix) && !line.starts_with("fleet_exporter_")) lines.emplace_back(line);
    }
    return lines;
  }
  std::string Value(const std::string& series) const {
    const std::string page = Get(Url("/metrics")).body;
    for (const std::string_view line : fleet::Split(page, '\n')) {
      if (line.starts_with(series + " ")) return std::string(line.substr(series.size() + 1));
    }
    return "absent";
  }
  Process& process() { return *process_; }
  const std::vector<std::string>& command() const { return command_; }
  std::string file() const { return folder_ + "/fleet.db"; }

 private:
  std::string folder_;
  int scrape_port_ = FreePort();
  int ingest_port_ = FreePort();
  std::vector<std::string> command_;
  std::unique_ptr<Process> process_;
};

std::string Line(const std::string& source, int number, const std::string& type, const std::string& data) {
  return R"({"specversion":"1.0","source":")" + source + R"(","id":")" + std::to_string(number) +
         R"(","type":"fleet.)" + type + R"(","data":)" + data + "}\n";
}

std::string Enqueued(const std::string& source, int number) {
  return Line(source, number, "queue.enqueued", R"({"queue":")" + source + "\"}");
}

// Sends until told to stop; what is not answered with 200 is sent again, until it is.
class Sender {
 public:
  Sender(const StoredExporter& exporter, std::string name)
      : exporter_(exporter), name_(std::move(name)), thread_([this] { Run(); }) {}
  void Stop() {
    stop_ = true;
    thread_.join();
  }
  const std::string& name() const { return name_; }
  int events() const { return sent_; }
  int retries() const { return retries_; }
  int duplicates() const { return duplicates_; }

 private:
  void Run() {
    while (!stop_) {
      std::string body;
      const int size = 1 + sent_ % 40;
      for (int i = 0; i < size; ++i) {
        body += Enqueued(name_, sent_ + i);
        body += Line(name_ + "-work", sent_ + i, "queue.processed",
                     R"({"outcome":"succeeded","duration_seconds":0.5,"queue":")" + name_ + "\"}");
      }
      while (true) {
        const HttpReply reply = exporter_.Post(body);
        if (reply.status == 200) {
          duplicates_ += nlohmann::json::parse(reply.body).at("duplicates").get<int>();
          break;
        }
        ++retries_;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
      sent_ += size;
    }
  }

  const StoredExporter& exporter_;
  std::string name_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> sent_ = 0;
  std::atomic<int> retries_ = 0;
  std::atomic<int> duplicates_ = 0;
  std::thread thread_;  // last: it uses the rest
};

int Kills() {
  const char* const wanted = std::getenv("FLEET_TEST_KILLS");
  return wanted == nullptr ? 8 : std::atoi(wanted);
}

// A small file system of its own, where the machine allows it.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& options) : path_(folder_.path()) {
    mounted_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, options.c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  const std::string& path() const { return path_; }
  bool MakeReadOnly() const {
    return mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }

 private:
  TemporaryFolder folder_;
  std::string path_;
  bool mounted_ = false;
};

// Sends until an answer is `status`; the ids begin at `next`.
bool SendUntil(const StoredExporter& exporter, int status, int& next, HttpReply& reply) {
  for (int i = 0; i < 3000; ++i) {
    std::string body;
    for (int k = 0; k < 100; ++k) body += Enqueued("fill", next + k);
    reply = exporter.Post(body);
    if (reply.status == status) return true;
    if (reply.status == 200) next += 100;
  }
  return false;
}

void CheckFullDisk(StoredExporter& exporter, const std::function<void()>& make_room) {
  exporter.Start();
  int next = 0;
  HttpReply reply;
  REQUIRE(SendUntil(exporter, 503, next, reply));
  CHECK(reply.headers.contains("retry-after"));
  const std::string counter = "fleet_queue_messages_enqueued_total{queue=\"fill\"}";
  CHECK(exporter.Value(counter) == std::to_string(next));
  CHECK(exporter.Value("fleet_exporter_store_write_errors_total") != "0");
  CHECK(Get(exporter.Url("/-/healthy")).status == 200);
  make_room();
  CHECK(WaitFor(kPatience, [&] { return exporter.Post(Enqueued("fill", next)).status == 200; }));
  CHECK(exporter.Value(counter) == std::to_string(next + 1));
  exporter.Kill();
  exporter.Start();
  CHECK(exporter.Value(counter) == std::to_string(next + 1));
}

}  // namespace

TEST_CASE("store: killed again and again, every counter is what was acknowledged") {
  const TemporaryFolder folder;
  const std::string config = folder.Write("exporter.yaml", "storage: {compact_bytes: 30000}\n");
  StoredExporter exporter(folder.path() + "/state", {"--config.file=" + config});
  exporter.Start();
  std::vector<std::unique_ptr<Sender>> senders;
  for (int i = 0; i < 8; ++i) {
    senders.push_back(std::make_unique<Sender>(exporter, "sender-" + std::to_string(i)));
  }
  std::mt19937 random(std::random_device{}());
  int kills = 0;
  for (; kills < Kills(); ++kills) {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution(1, 700)(random)));
    exporter.Kill();
    exporter.Start();
  }
  int retries = 0;
  int duplicates = 0;
  int events = 0;
  for (const auto& sender : senders) {
    sender->Stop();
    retries += sender->retries();
    duplicates += sender->duplicates();
    events += 2 * sender->events();
  }
  exporter.Kill();
  exporter.Start();
  for (const auto& sender : senders) {
    const std::string wanted = std::to_string(sender->events());
    const std::string label = "{queue=\"" + sender->name() + "\"";
    CHECK(exporter.Value("fleet_queue_messages_enqueued_total" + label + "}") == wanted);
    CHECK(exporter.Value("fleet_queue_messages_processed_total" + label + ",outcome=\"succeeded\"}") ==
          wanted);
    CHECK(exporter.Value("fleet_queue_processing_duration_seconds_count" + label + "}") == wanted);
  }
  CHECK(events > 0);
  std::printf("%d kills: %d events acknowledged, %d requests repeated, %d duplicates recognised\n", kills,
              events, retries, duplicates);
}

TEST_CASE("store: an orderly restart shows the same page") {
  const TemporaryFolder folder;
  StoredExporter exporter(folder.path() + "/state");
  exporter.Start();
  const std::string beat =
      Line("s", 1, "worker.heartbeat",
           R"({"worker_id":"w","worker_type":"sandbox","active_tasks":3,"version":"1"})");
  REQUIRE(exporter.Post(beat + Enqueued("a", 1)).status == 200);
  const std::vector<std::string> before = exporter.Lines("fleet_");
  CHECK(std::ranges::count(before, "fleet_queue_messages_enqueued_total{queue=\"a\"} 1") == 1);
  exporter.Restart();
  CHECK(exporter.Lines("fleet_") == before);
  const HttpReply again = exporter.Post(beat);
  CHECK(again.body == "{\"accepted\":0,\"duplicates\":1,\"rejected\":[]}\n");
  CHECK(exporter.Value("fleet_exporter_ingest_queue_length") == "0");
  CHECK(exporter.Value("fleet_exporter_store_last_write_timestamp_seconds") != "absent");
  exporter.Stop();

  const std::string path = "--storage.path=" + folder.path() + "/state";
  const Finished check = RunProgram({ExporterProgram(), "store", "check", path});
  CHECK(check.exit_code == 0);
  CHECK(check.out.ends_with("\n  ok\n"));
  const Finished exported = RunProgram({ExporterProgram(), "store", "export", path});
  CHECK(exported.exit_code == 0);
  CHECK(exported.out.find("\nfleet_queue_messages_enqueued_total{queue=\"a\"} 1\n") != std::string::npos);
  const Finished compacted = RunProgram({ExporterProgram(), "store", "compact", path});
  CHECK(compacted.exit_code == 0);
  exporter.Start();
  CHECK(exporter.Lines("fleet_") == before);
}

TEST_CASE("store: a full disk is a 503, and over when there is room") {
  const SmallDisk disk("size=1m");
  if (!disk.mounted()) {
    WARN("no right to mount a small file system; the next test covers a file that may not grow");
    return;
  }
  const std::string filler = disk.path() + "/filler";
  std::ofstream(filler) << std::string(300'000, 'x');
  StoredExporter exporter(disk.path() + "/state");
  CheckFullDisk(exporter, [&] { std::filesystem::remove(filler); });
}

TEST_CASE("store: a file that may not grow is a 503") {
  const TemporaryFolder folder;
  StoredExporter exporter(folder.path() + "/state", {},
                          {"/bin/sh", "-c", R"(ulimit -f 400; exec "$0" "$@")"});
  exporter.Start();
  int next = 0;
  HttpReply reply;
  REQUIRE(SendUntil(exporter, 503, next, reply));
  CHECK(reply.headers.contains("retry-after"));
  const std::string counter = "fleet_queue_messages_enqueued_total{queue=\"fill\"}";
  CHECK(exporter.Value(counter) == std::to_string(next));
  exporter.Kill();
  StoredExporter unlimited(folder.path() + "/state");
  unlimited.Start();
  CHECK(unlimited.Value(counter) == std::to_string(next));
}

TEST_CASE("store: a file system that becomes read-only is a 503, and at the start exit 2") {
  const SmallDisk disk("size=4m");
  if (!disk.mounted()) {
    WARN("no right to mount a small file system");
    return;
  }
  StoredExporter exporter(disk.path() + "/state");
  exporter.Start();
  REQUIRE(exporter.Post(Enqueued("a", 1)).status == 200);
  exporter.Kill();
  REQUIRE(disk.MakeReadOnly());
  const Finished refused = RunProgram(exporter.command());
  CHECK(refused.exit_code == 2);
  CHECK(refused.out.find(exporter.file() + ".lock: Read-only file system; choose another folder with "
                                           "--storage.path, or keep nothing with --storage.mode=memory") !=
        std::string::npos);
}

TEST_CASE("store: readiness tells of a damaged store") {
  const TemporaryFolder folder;
  StoredExporter exporter(folder.path() + "/state");
  exporter.Start();
  REQUIRE(exporter.Post(Enqueued("a", 1)).status == 200);
  exporter.Stop();
  std::fstream file(exporter.file(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(4096, 'x');
  file.close();
  CHECK(RunProgram({ExporterProgram(), "store", "check", "--storage.path=" + folder.path() + "/state"})
            .exit_code == 1);
  exporter.Start();
  const std::string ready = Get(exporter.Url("/-/ready")).body;
  CHECK(ready.starts_with("fleet_exporter is Ready.\nNote: the store was damaged ("));
  CHECK(ready.find(" and has been set aside as " + exporter.file() + ".damaged-") != std::string::npos);
  CHECK(exporter.Value("fleet_queue_messages_enqueued_total{queue=\"a\"}") == "absent");
}

TEST_CASE("store: in memory nothing is written") {
  const TemporaryFolder folder;
  StoredExporter exporter(folder.path() + "/state", {"--storage.mode=memory"});
  exporter.Start();
  REQUIRE(exporter.Post(Enqueued("a", 1)).status == 200);
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/state"));
  CHECK(exporter.Value("fleet_exporter_store_size_bytes") == "absent");
}
