#include "exporter/app.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>

#include "build_info.h"
#include "exporter/fleet/fleet.h"
#include "exporter/ingest/ingest.h"
#include "exporter/log.h"
#include "exporter/process_metrics.h"
#include "exporter/refusal_log.h"
#include "exporter/self_metrics.h"
#include "exporter/source_reports.h"
#include "exporter/sources/source_set.h"
#include "exporter/store/durable_store.h"
#include "exporter/store/memory_store.h"
#include "exporter/store/state_folder.h"
#include "exporter/web/api_routes.h"
#include "exporter/web/file_limit.h"
#include "exporter/web/http_server.h"
#include "exporter/web/ingest_routes.h"
#include "exporter/web/lifecycle_routes.h"
#include "exporter/web/listener_security.h"
#include "exporter/web/readiness.h"
#include "exporter/web/router.h"
#include "exporter/web/scrape.h"
#include "exporter/web/scrape_routes.h"
#include "lib/base/file_system.h"
#include "lib/base/text.h"
#include "lib/base/usage.h"

namespace fleet {
namespace {

constexpr std::chrono::seconds kDrainLimit{5};

// Connections beyond the scrapes that are allowed: their 503, health checks, people.
constexpr int kSpareThreads = 8;

sigset_t HandledSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

// 0 when none came in time.
int WaitForSignal(const sigset_t& signals, std::chrono::milliseconds patience) {
  timespec limit{};
  limit.tv_sec = patience.count() / 1000;
  limit.tv_nsec = (patience.count() % 1000) * 1'000'000;
  const int signal = sigtimedwait(&signals, nullptr, &limit);
  return signal > 0 ? signal : 0;
}

ListenerSecurityOptions ScrapeSecurity(const Config& config) {
  return {.web_file = config.web.config_file, .tokens_file = {}, .open_health = config.web.open_health};
}

ListenerSecurityOptions IngestSecurity(const Config& config) {
  const std::string& own = config.ingest.web_config_file;
  return {.web_file = own.empty() ? config.web.config_file : own,
          .tokens_file = config.ingest.tokens_file,
          .open_health = config.web.open_health};
}

// What the store tells, to the log and the metrics.
class StoreReporter final : public StoreObserver {
 public:
  StoreReporter(Logger& logger, SelfMetrics& metrics) : logger_(logger), metrics_(metrics) {}

  void Wrote(const std::string& error, std::chrono::nanoseconds duration, UnixMillis end) override {
    const bool success = error.empty();
    metrics_.StoreWrote(success, duration, end);
    if (success == writes_.exchange(success)) return;
    if (success) {
      logger_.Info("The store can be written again");
    } else {
      logger_.Error("The store cannot be written; senders get a 503", {{"err", error}});
    }
  }
  void Compacted(std::size_t snapshot_bytes, std::chrono::nanoseconds held) override {
    using Millis = std::chrono::milliseconds;
    logger_.Debug("Snapshot written",
                  {{"bytes", snapshot_bytes}, {"held_ms", std::chrono::duration_cast<Millis>(held).count()}});
  }
  void Trouble(const std::string& message) override { logger_.Warn("Store trouble", {{"err", message}}); }

 private:
  Logger& logger_;
  SelfMetrics& metrics_;
  std::atomic<bool> writes_ = true;
};

class App {
 public:
  App(const Options& options, const Config& config)
      : options_(options),
        config_(config),
        metrics_(config.metric_namespace),
        logger_(clock_, config.log_level, config.log_format, Logger::WriteToStderr,
                [this](LogLevel level) { metrics_.Logged(level); }),
        fleet_(config.metric_namespace, config.fleet),
        refusals_(config.metric_namespace),
        reporter_(logger_, metrics_),
        reports_(fleet_, metrics_, logger_, clock_),
        scrape_timeout_(config.web.scrape_timeout),
        page_([this] { return Collect(); }, config.web.max_requests, Scraped()),
        own_metrics_(!config.web.disable_exporter_metrics) {}

  int Run();

 private:
  std::shared_ptr<const Snapshot> Collect();
  ScrapedSources Scraped();
  Result<void> OpenStore();
  void SayWhatWasRestored();
  void CloseStore();
  Result<void> Start();
  Result<std::unique_ptr<HttpServer>> Listen(std::string_view purpose, HttpServerOptions options,
                                             const Router& router, ListenerSecurity& security);
  Result<std::unique_ptr<ListenerSecurity>> LoadSecurity(std::string_view purpose,
                                                         ListenerSecurityOptions options);
  void WaitForTheEnd(const sigset_t& signals);
  std::optional<std::string> Reload();
  void Adopt(const Config& config);
  void Drain(const sigset_t& signals);
  void SayHello();

  const Options& options_;
  Config config_;
  SystemClock clock_;
  SelfMetrics metrics_;
  Logger logger_;
  Fleet fleet_;
  RefusalLog refusals_;
  StoreReporter reporter_;
  std::unique_ptr<EventStore> store_;
  DurableStore* durable_ = nullptr;  // the same, unless it is in memory
  std::optional<Ingest> ingest_;
  Readiness readiness_;
  SourceReports reports_;
  std::optional<SourceSet> sources_;  // once the store is open
  std::atomic<Duration> scrape_timeout_;
  ScrapePage page_;
  std::atomic<bool> own_metrics_;
  std::mutex reloading_;
  std::optional<Router> ingest_router_, scrape_router_;
  std::unique_ptr<ListenerSecurity> ingest_security_, scrape_security_;
  std::unique_ptr<HttpServer> ingest_server_, scrape_server_;  // last: they end first
};

std::shared_ptr<const Snapshot> App::Collect() {
  const auto begin = std::chrono::steady_clock::now();
  auto snapshot = std::make_shared<Snapshot>();
  fleet_.Collect(clock_.Now(), *snapshot);
  metrics_.Collected("fleet", true, std::chrono::steady_clock::now() - begin, clock_.Now());
  if (durable_ != nullptr) metrics_.StoreIs(durable_->Stats());
  if (own_metrics_) CollectProcess(*snapshot);
  metrics_.Collect(*snapshot, own_metrics_);
  for (const RefusalLine& line : refusals_.Look(*snapshot, clock_.Now())) {
    logger_.Warn(line.message, {{line.label, line.value}, {"refused", line.refused}});
  }
  return snapshot;
}

ScrapedSources App::Scraped() {
  ScrapedSources scraped;
  for (const SourceConfig& source : config_.sources) scraped.names.push_back(source.name);
  scraped.read = [this](SourceSet::Time deadline, const CollectorSelection& selection) {
    sources_->Read(deadline, [&](std::string_view source) { return selection.Reads(source); });
  };
  scraped.scrape_timeout = [this] { return scrape_timeout_.load(); };
  scraped.metric_namespace = config_.metric_namespace;
  return scraped;
}

Result<void> App::OpenStore() {
  const StorageConfig& storage = config_.storage;
  if (storage.mode == StorageMode::kMemory) {
    store_ = std::make_unique<MemoryStore>(config_.ingest.max_ids, storage.retention);
  } else {
    StoreOptions options;
    options.folder = storage.path;
    if (storage.path == StorageConfig::kStateFolder) {
      auto folder = StateFolder([](const char* name) -> const char* { return std::getenv(name); });
      if (!folder) return tl::make_unexpected(folder.error());
      options.folder = *std::move(folder);
    }
    options.wait_for_disk = storage.mode == StorageMode::kDurable;
    options.retention = storage.retention;
    options.max_ids = config_.ingest.max_ids;
    options.compact_bytes = storage.compact_bytes;
    auto store = DurableStore::Open(options, fleet_, clock_, reporter_);
    if (!store) return tl::make_unexpected(store.error());
    durable_ = store->get();
    store_ = *std::move(store);
    SayWhatWasRestored();
  }
  ingest_.emplace(fleet_, *store_, clock_, config_.ingest.limits, metrics_);
  return {};
}

void App::SayWhatWasRestored() {
  const Restored& restored = durable_->restored();
  logger_.Info("Store opened", {{"file", durable_->path()},
                                {"mode", Name(config_.storage.mode)},
                                {"replayed_events", restored.events},
                                {"ids", restored.ids}});
  if (restored.unknown_events > 0) {
    logger_.Warn("Stored events of types that are no more", {{"events", restored.unknown_events}});
  }
  if (!restored.lost.empty()) {
    logger_.Warn("Begins anew, since it had another form", {{"what", Join(restored.lost, ", ")}});
  }
  if (restored.damage.empty()) return;
  logger_.Error("Damaged store", {{"err", restored.damage}});
  readiness_.Note(restored.damage);
}

// The next start need not replay anything.
void App::CloseStore() {
  if (durable_ == nullptr) return;
  if (const auto compacted = durable_->Compact(); !compacted) reporter_.Trouble(compacted.error().message);
  durable_ = nullptr;
  ingest_.reset();
  store_.reset();
}

void App::SayHello() {
  logger_.Info("Starting fleet_exporter",
               {{"version", kVersion}, {"revision", kRevision}, {"branch", kBranch}});
  logger_.Info("Build context", {{"compiler", kCompiler}});
  logger_.Info("Limits", {{"worker_series", config_.fleet.max_worker_series},
                          {"runner_series", config_.fleet.max_runner_series},
                          {"sandbox_series", config_.fleet.max_sandbox_series},
                          {"entities", config_.fleet.max_entities},
                          {"body_bytes", config_.ingest.limits.max_body_bytes},
                          {"events", config_.ingest.limits.max_events}});
  for (const SourceConfig& source : config_.sources) {
    logger_.Info("Source", {{"source_name", source.name}, {"type", source.type}});
  }
  if (geteuid() == 0) logger_.Warn("Running as root, which it does not need");
}

Result<std::unique_ptr<HttpServer>> App::Listen(std::string_view purpose, HttpServerOptions options,
                                                const Router& router, ListenerSecurity& security) {
  options.log = [this, purpose](std::string_view message) {
    logger_.Warn("HTTP trouble", {{"listener", purpose}, {"err", message}});
  };
  options.refused = [&refused = metrics_.Handler("refused")](int status) {
    refused.Started();
    refused.Finished(status);
  };
  security.Guard(options);
  auto server = HttpServer::Start(
      options, security.Guard([&router](HttpRequest& request) { return router.Handle(request); }));
  if (!server) return server;
  for (const std::string& address : (*server)->addresses()) {
    logger_.Info("Listening on", {{"address", address}, {"listener", purpose}});
  }
  logger_.Info(security.tls_enabled() ? "TLS is enabled." : "TLS is disabled.", {{"listener", purpose}});
  return server;
}

Result<std::unique_ptr<ListenerSecurity>> App::LoadSecurity(std::string_view purpose,
                                                            ListenerSecurityOptions options) {
  options.log = [this, purpose](std::string_view file, std::string_view error) {
    if (error.empty()) {
      logger_.Info("Read again", {{"listener", purpose}, {"file", file}});
    } else {
      logger_.Error("Nobody is let in until it is repaired", {{"listener", purpose}, {"err", error}});
    }
  };
  options.refused = [&refused = metrics_.Handler("refused")](int status) {
    refused.Started();
    refused.Finished(status);
  };
  return ListenerSecurity::Load(options);
}

Result<void> App::Start() {
  auto ingest_security = LoadSecurity("ingest", IngestSecurity(config_));
  if (!ingest_security) return tl::make_unexpected(ingest_security.error());
  ingest_security_ = *std::move(ingest_security);
  auto scrape_security = LoadSecurity("scrape", ScrapeSecurity(config_));
  if (!scrape_security) return tl::make_unexpected(scrape_security.error());
  scrape_security_ = *std::move(scrape_security);

  const std::size_t files = RaiseFileLimit();
  HttpServerOptions options;
  options.listen_addresses = config_.ingest.listen_addresses;
  options.threads = config_.ingest.threads;
  options.max_connections = std::min(config_.ingest.max_connections, files / 2);
  options.overload_status = 429;
  options.body_deadline = config_.ingest.body_deadline;
  ingest_router_.emplace(IngestRoutes(*ingest_, config_.ingest.limits, metrics_, readiness_), metrics_);
  auto ingest = Listen("ingest", options, *ingest_router_, *ingest_security_);
  if (!ingest) return tl::make_unexpected(ingest.error());
  ingest_server_ = *std::move(ingest);

  std::string example = ingest_server_->addresses().front();
  if (example.starts_with(':')) example = "localhost" + example;
  options = {};
  options.listen_addresses = config_.web.listen_addresses;
  options.threads = config_.web.max_requests + kSpareThreads;
  options.max_connections = std::min(config_.web.max_connections, files / 4);
  std::vector<Route> routes = ScrapeRoutes(config_.web.telemetry_path, page_, readiness_);
  std::ranges::move(ApiRoutes({&fleet_, &clock_, [this] { return Collect(); }, config_.metric_namespace,
                               config_.web.telemetry_path, example}),
                    std::back_inserter(routes));
  const ReloadFunction reload = [this] { return Reload(); };
  std::ranges::move(LifecycleRoutes(config_.web.enable_lifecycle ? reload : nullptr),
                    std::back_inserter(routes));
  scrape_router_.emplace(std::move(routes), metrics_);
  auto scrape = Listen("scrape", options, *scrape_router_, *scrape_security_);
  if (!scrape) return tl::make_unexpected(scrape.error());
  scrape_server_ = *std::move(scrape);
  return {};
}

int App::Run() {
  const sigset_t signals = HandledSignals();
  signal(SIGPIPE, SIG_IGN);  // NOLINT: the handler is not ours
  signal(SIGXFSZ, SIG_IGN);  // NOLINT: a file that may not grow is a store that cannot be written
  SayHello();
  auto started = OpenStore();
  if (started) {
    sources_.emplace(config_.sources, fleet_, clock_, reports_);
    started = Start();
  }
  if (!started) {
    logger_.Error(started.error().message);
    return 2;
  }
  metrics_.ConfigLoaded(true, clock_.Now());
  Collect();
  readiness_.Set(Readiness::State::kReady);
  logger_.Info("Ready");
  WaitForTheEnd(signals);
  Drain(signals);
  return 0;
}

void App::WaitForTheEnd(const sigset_t& signals) {
  for (;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal != SIGHUP) {
      logger_.Info("Shutting down", {{"signal", strsignal(signal)}});
      return;
    }
    Reload();
  }
}

// Anything wrong leaves the old configuration in place; then why, in a line that quotes nothing of the
// file.
std::optional<std::string> App::Reload() {
  const std::lock_guard lock(reloading_);
  if (options_.config_file.empty()) {
    logger_.Info("Nothing to reload: there is no configuration file");
    return std::nullopt;
  }
  const auto loaded = LoadConfig(options_);
  if (const auto* wrong = std::get_if<EarlyExit>(&loaded)) {
    metrics_.ConfigLoaded(false, clock_.Now());
    logger_.Error("Configuration not reloaded, the old one stays",
                  {{"file", options_.config_file}, {"err", wrong->text}});
    return wrong->text.substr(0, wrong->text.find('\n'));
  }
  Adopt(std::get<Config>(loaded));
  metrics_.ConfigLoaded(true, clock_.Now());
  logger_.Info("Configuration reloaded", {{"file", options_.config_file}});
  return std::nullopt;
}

void App::Adopt(const Config& config) {
  for (const Setting& setting : Settings()) {
    if (setting.effect == TakesEffect::kOnReload) continue;
    const std::string before = setting.print(config_), after = setting.print(config);
    if (before == after) continue;
    logger_.Warn("Takes effect at the next start",
                 {{"key", setting.key}, {"running", before}, {"configured", after}});
  }
  store_->SetLimits(fleet_, config.fleet);
  logger_.SetLevel(config.log_level);
  own_metrics_ = !config.web.disable_exporter_metrics;
  scrape_timeout_ = config.web.scrape_timeout;
}

// Running requests get some time; a second signal ends it at once.
void App::Drain(const sigset_t& signals) {
  constexpr std::chrono::milliseconds kTick{20};
  readiness_.Set(Readiness::State::kDraining);
  ingest_server_->Drain();
  scrape_server_->Drain();
  const auto until = std::chrono::steady_clock::now() + kDrainLimit;
  while (ingest_server_->running_requests() + scrape_server_->running_requests() > 0) {
    if (std::chrono::steady_clock::now() >= until) {
      logger_.Warn("Requests still running are cut off");
      break;
    }
    const int signal = WaitForSignal(signals, kTick);
    if (signal == SIGTERM || signal == SIGINT) _exit(128 + signal);
  }
  scrape_server_.reset();
  ingest_server_.reset();
  sources_.reset();
  CloseStore();
  logger_.Info("Bye");
}

}  // namespace

std::variant<Config, EarlyExit> LoadConfig(const Options& options) {
  Config config;
  if (!options.config_file.empty()) {
    constexpr std::size_t kLargestFile = 1U << 20U;
    auto text = ReadFile(options.config_file, kLargestFile);
    if (!text) return EarlyExit{2, fmt::format("fleet_exporter: error: {}\n", text.error().message)};
    const SourceText source(options.config_file, *std::move(text));
    Diagnostics diagnostics(source);
    config = ReadConfig(source, diagnostics);
    if (diagnostics.has_errors()) return EarlyExit{1, diagnostics.Render()};
  }
  auto merged = ApplyFlags(std::move(config), options);
  if (!merged) return EarlyExit{2, UsageError(kProgram, merged.error().message)};
  for (const ListenerSecurityOptions& files : {ScrapeSecurity(*merged), IngestSecurity(*merged)}) {
    const auto loaded = ListenerSecurity::Load(files);
    if (!loaded) return EarlyExit{1, loaded.error().message + "\n"};
  }
  return *std::move(merged);
}

int RunApp(const Options& options, const Config& config) {
  // Before the sources' threads: every thread must block them.
  const sigset_t signals = HandledSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return App(options, config).Run();
}

}  // namespace fleet
