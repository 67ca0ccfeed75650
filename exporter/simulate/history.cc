#include "exporter/simulate/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string_view>

#include "exporter/exposition/text_format.h"
#include "exporter/fleet/fleet.h"
#include "exporter/ingest/ingest.h"
#include "exporter/self_metrics.h"
#include "exporter/store/memory_store.h"
#include "lib/base/freed.h"

namespace fleet::simulate {
namespace {

using std::chrono::milliseconds;

constexpr char kNamespace[] = "fleet";
constexpr std::string_view kTarget = "job=\"fleet\",instance=\"127.0.0.1:9941\"";
constexpr Duration kStep = std::chrono::seconds(1);
constexpr std::size_t kMostEvents = 500;  // in one push
constexpr std::string_view kSources[] = {"coordinator", "postgres", "redis", "cgroup"};

// What a configuration would add, with the numbers it would have.
struct Fact {
  std::string_view series;
  double value;
};
constexpr Fact kFacts[] = {{"backup_rpo_target_seconds{target=\"database\"}", 86400},
                           {"backup_rpo_target_seconds{target=\"kv\"}", 3600},
                           {"backup_rpo_target_seconds{target=\"objects\"}", 86400},
                           {"backup_rto_target_seconds{target=\"database\"}", 3600},
                           {"backup_rto_target_seconds{target=\"kv\"}", 1800},
                           {"backup_rto_target_seconds{target=\"objects\"}", 7200},
                           {"exporter_ingest_queue_capacity", 1000}};

// Incidents last minutes here, so silence has to mean something after minutes, too.
FleetLimits Limits() {
  FleetLimits limits;
  limits.worker = {std::chrono::minutes(1), std::chrono::minutes(3)};
  limits.zombie_after = std::chrono::minutes(3);
  limits.stuck_after = std::chrono::minutes(4);
  limits.max_sandbox_series = 40;
  limits.max_user_series = 11;  // in trouble more than these wait
  return limits;
}

class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(UnixMillis now) : now_(now) {}
  UnixMillis Now() const override { return now_; }
  void Set(UnixMillis now) { now_ = now; }

 private:
  UnixMillis now_;
};

// `name{a="b"} 1` or `name 1` -> with the target's labels and a time; nothing of comments.
void AppendSample(std::string_view line, std::string_view time, std::string& out) {
  if (line.empty() || line.front() == '#') return;
  const std::size_t brace = line.find('{');
  const std::size_t name_end = std::min(brace, line.find(' '));
  const bool labels = brace == name_end;
  out += line.substr(0, name_end);
  out += '{';
  out += kTarget;
  if (labels) out += ',';
  out += labels ? line.substr(brace + 1) : "} " + std::string(line.substr(name_end + 1));
  out += ' ';
  out += time;
  out += '\n';
}

class History {
 public:
  History(const SimulationOptions& simulation, const HistoryOptions& options, std::FILE* file)
      : options_(options),
        clock_(options.end - options.length),
        metrics_(kNamespace),
        fleet_(kNamespace, Limits()),
        ingest_(fleet_, store_, clock_, IngestLimits(), metrics_),
        scrapes_(metrics_.Handler("metrics")),
        landing_(metrics_.Handler("landing")),
        simulation_(simulation, clock_.Now()),
        run_id_(simulation.run_id),
        file_(file) {
    metrics_.ConfigLoaded(true, clock_.Now());
  }

  bool Write() {
    bool good = true;
    UnixMillis scrape = clock_.Now();
    for (UnixMillis now = clock_.Now(); now <= options_.end && good; now = now + kStep) {
      clock_.Set(now);
      Send(simulation_.Step(now));
      WatchAndMend(now);
      if (now < scrape) continue;
      good = IsLost(scrape) ? WriteUp(0, now) : Scrape(now);
      scrape = scrape + options_.interval;
    }
    return good && std::fputs("# EOF\n", file_) >= 0;
  }

 private:
  void Send(const std::vector<SimulatedEvent>& events) {
    std::string body;
    std::size_t held = 0;
    for (const SimulatedEvent& event : events) {
      if (event.type == "task.completed") ended_ = event;
      body += ToJsonLine(event, "fleet-simulator", fmt::format("{}-{}", run_id_, ++ids_));
      if (++held % kMostEvents == 0) Deliver(body);
    }
    if (!body.empty()) Deliver(body);
  }

  // What people do in trouble: they look, and change the configuration, which is refused first.
  void WatchAndMend(UnixMillis now) {
    const std::optional<Incident> incident = simulation_.Status().incident;
    const std::int64_t seconds = now.value / 1000;
    if (seconds % (incident ? 5 : 60) == 0) {
      landing_.Started();
      landing_.Finished(200);
    }
    const bool bad = incident == Incident::kNetworkLoss;
    if (bad != was_bad_) metrics_.ConfigLoaded(!bad, now);
    // Their browsers wait for answers that take long.
    for (int i = 0; i < 3 && bad != was_bad_; ++i) {
      if (bad) landing_.Started();
      if (!bad) landing_.Finished(200);
    }
    was_bad_ = bad;
    if (incident == Incident::kErrorBurst) ++folded_;  // paths with the ids of what failed
  }

  // On a bad network one scrape of ten is lost.
  bool IsLost(UnixMillis scrape) const {
    constexpr std::int64_t kEach = 10;
    return NetworkIsBad() && scrape.value / options_.interval.count() % kEach == 0;
  }

  // What is sent over a bad network is often sent twice, because the answer was lost, or cut short.
  void Deliver(std::string& body) {
    const bool bad = NetworkIsBad();
    ++pushes_;
    if (bad && pushes_ % 2 == 0) Push(body);
    if (bad && pushes_ % 10 == 0) Refuse(body.size());
    Push(body);
    if (bad && ended_ && pushes_ % 4 == 0) Push(AgainAsNew(*ended_));
    body.clear();
  }

  // A worker that got no answer says the end of its task once more, as another event: an impossible change.
  std::string AgainAsNew(const SimulatedEvent& event) {
    return ToJsonLine(event, "fleet-simulator", fmt::format("{}-again-{}", run_id_, ++again_));
  }

  void Push(const std::string& body) {
    ingest_.Accept(BodyFormat::kNdjson, body);
    // About what a push of this size takes on one core.
    const std::chrono::nanoseconds duration(100'000 + 4 * static_cast<std::int64_t>(body.size()));
    Store();
    metrics_.IngestRequest("ndjson", 200, body.size(), (NetworkIsBad() ? 30 : 1) * duration);
  }

  void Refuse(std::size_t bytes) {
    metrics_.Rejected("malformed");
    metrics_.IngestRequest("ndjson", 400, bytes / 2, milliseconds(1));
    metrics_.Logged(LogLevel::kWarn);
  }

  // The store of a push: its disk is busy in the incident of the database, too. For the first minute nothing
  // can be written, and the log of the store grows until all is.
  void Store() {
    const bool slow = !Reads("postgres");
    slow_since_ = slow ? slow_since_.value_or(clock_.Now()) : std::optional<UnixMillis>();
    ++writes_;
    const milliseconds duration(slow && writes_ % 3 == 0 ? 40 : 1 + static_cast<int>(writes_ % 2));
    const bool stuck = slow && clock_.Now() - *slow_since_ < std::chrono::minutes(1);
    const bool fails = stuck || (slow && writes_ % 50 == 0);
    log_bytes_ = slow ? log_bytes_ + 300'000 : 0;
    if (fails) {
      metrics_.Logged(LogLevel::kError);
      metrics_.IngestRequest("ndjson", 503, 0, duration);  // the sender comes again
    }
    metrics_.StoreWrote(!fails, duration, clock_.Now());
    metrics_.StoreIs({.size_bytes = 4'000'000 + 110 * ids_ + log_bytes_,
                      .queue_length = slow ? 600U : 40U,
                      .queue_capacity = 1000});
  }

  bool Scrape(UnixMillis now) {
    scrapes_.Started();
    Snapshot snapshot;
    fleet_.Collect(now, snapshot);
    const auto size = static_cast<std::int64_t>(snapshot.families.size());
    metrics_.Collected("fleet", true, std::chrono::microseconds(3 * size), now);
    PollSources(now);
    metrics_.Collect(snapshot);
    const std::string time = fmt::format("{}", now.value / 1000);
    const bool good = RenderText(snapshot, [&](std::string_view bytes) { return Take(bytes, time); });
    scrapes_.Finished(200);
    return good && WriteFacts(now, time);
  }

  bool NetworkIsBad() const { return simulation_.Status().incident == Incident::kNetworkLoss; }

  // The database that the errors of the incident come from cannot be read either.
  bool Reads(std::string_view source) const {
    if (NetworkIsBad() && source == "coordinator") return false;
    return simulation_.Status().incident != Incident::kErrorBurst || source != "postgres";
  }

  void PollSources(UnixMillis now) {
    for (const std::string_view source : kSources) {
      const bool good = Reads(source);
      metrics_.Collected(source, good, good ? milliseconds(4) : milliseconds(2000), now);
    }
  }

  // What Prometheus records itself of each scrape.
  bool WriteUp(int up, UnixMillis now) {
    std::string text;
    AppendSample(fmt::format("up {}", up), fmt::format("{}", now.value / 1000), text);
    return std::fwrite(text.data(), 1, text.size(), file_) == text.size();
  }

  bool WriteFacts(UnixMillis now, const std::string& time) {
    if (!WriteUp(1, now)) return false;
    std::string text;
    AppendSample(fmt::format("fleet_exporter_label_values_folded_total{{label=\"endpoint\"}} {}", folded_),
                 time, text);
    for (std::size_t i = 0; i < std::size(kSources); ++i) {
      const bool good = Reads(kSources[i]);
      if (good) last_read_[i] = now;
      const std::string label = fmt::format("{{source=\"{}\"}}", kSources[i]);
      AppendSample(fmt::format("fleet_source_up{} {}", label, good ? 1 : 0), time, text);
      AppendSample(
          fmt::format("fleet_source_last_success_timestamp_seconds{} {}", label, last_read_[i].value / 1000),
          time, text);
    }
    for (const Fact& fact : kFacts) {
      AppendSample(fmt::format("fleet_{} {}", fact.series, fact.value), time, text);
    }
    return std::fwrite(text.data(), 1, text.size(), file_) == text.size();
  }

  // Pieces of a page end anywhere: what is left of a line waits for the next.
  bool Take(std::string_view bytes, std::string_view time) {
    rest_ += bytes;
    std::string out;
    std::size_t begin = 0;
    for (std::size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
      AppendSample(std::string_view(rest_).substr(begin, end - begin), time, out);
      begin = end + 1;
    }
    rest_.erase(0, begin);
    return std::fwrite(out.data(), 1, out.size(), file_) == out.size();
  }

  const HistoryOptions& options_;
  SimulatedClock clock_;
  SelfMetrics metrics_;
  Fleet fleet_;
  MemoryStore store_;
  Ingest ingest_;
  HandlerMetrics& scrapes_;
  HandlerMetrics& landing_;
  Simulation simulation_;
  std::string run_id_;
  std::uint64_t ids_ = 0;
  std::uint64_t writes_ = 0;
  std::uint64_t pushes_ = 0;
  std::uint64_t again_ = 0;
  std::uint64_t folded_ = 0;
  std::uint64_t log_bytes_ = 0;
  std::optional<SimulatedEvent> ended_;   // the task that ended last
  std::optional<UnixMillis> slow_since_;  // the store
  bool was_bad_ = false;
  std::string rest_;
  UnixMillis last_read_[std::size(kSources)];
  std::FILE* file_;
};

}  // namespace

Result<void> WriteHistory(const SimulationOptions& simulation, const HistoryOptions& options) {
  const std::unique_ptr<std::FILE, Freed<std::fclose>> file(std::fopen(options.file.c_str(), "w"));
  if (file == nullptr) return Fail(fmt::format("cannot write {}", options.file));
  const auto history = std::make_unique<History>(simulation, options, file.get());
  if (history->Write() && std::fflush(file.get()) == 0) return {};
  return Fail(fmt::format("cannot write {}: the disk may be full", options.file));
}

}  // namespace fleet::simulate
