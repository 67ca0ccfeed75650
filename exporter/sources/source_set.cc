#include "exporter/sources/source_set.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace fleet {
namespace {

// A read cancelled at the deadline needs a moment to say so.
constexpr std::chrono::milliseconds kGrace{100};
// How long a source may take to notice that the program ends.
constexpr std::chrono::seconds kFarewell{2};

// The way of facts into the fleet; closed when the fleet may be gone.
class FleetSink final : public FactSink {
 public:
  FleetSink(Fleet& fleet, const Clock& clock) : fleet_(&fleet), clock_(&clock) {}

  void Report(const Fact& fact) override {
    const std::lock_guard lock(mutex_);
    if (fleet_ == nullptr) return;
    if (!fact.problem().empty() || !fact.complete()) {
      const std::string missing = std::string(fact.event().type->name) + " lacks a required field";
      Count(fact.problem().empty() ? missing : fact.problem());
    }
    if (!fact.complete()) return;
    if (const Refused refused = fleet_->Apply(fact.event(), clock_->Now())) Count(refused->text);
  }

  void Unusable(std::size_t count, const std::string& example) override {
    const std::lock_guard lock(mutex_);
    if (count > 0) Count(example, count);
  }

  std::vector<std::string> ObservedSandboxes(std::string_view sandbox_type) override {
    const std::lock_guard lock(mutex_);
    return fleet_ == nullptr ? std::vector<std::string>() : fleet_->ObservedSandboxes(sandbox_type);
  }

  void Close() {
    const std::lock_guard lock(mutex_);
    fleet_ = nullptr;
  }

  // Since the last call.
  std::pair<std::size_t, std::string> TakeUnusable() {
    const std::lock_guard lock(mutex_);
    return {std::exchange(unusable_, 0), std::exchange(example_, {})};
  }

 private:
  void Count(const std::string& why, std::size_t count = 1) {
    if (unusable_ == 0) example_ = why;
    unusable_ += count;
  }

  std::mutex mutex_;
  Fleet* fleet_;
  const Clock* clock_;
  std::size_t unusable_ = 0;
  std::string example_;
};

}  // namespace

// Owned by the set and by its thread: a thread that hangs may outlive the set.
class SourceSet::Runner : public std::enable_shared_from_this<Runner> {
 public:
  Runner(const SourceConfig& config, Fleet& fleet, const Clock& clock, SourceObserver& observer)
      : config_(config),
        clock_(&clock),
        observer_(&observer),
        sink_(fleet, clock),
        source_(config.make()),
        known_until_(fleet.loaded()) {}

  const std::string& name() const { return config_.name; }

  void Start() {
    thread_ = std::thread([self = shared_from_this()] { self->Loop(); });
  }

  // A read begins unless one runs or the last one is too young.
  void Request(Time deadline) {
    const std::lock_guard lock(mutex_);
    const Time now = Deadline::Clock::now();
    if (running_ || requested_ || closing_) return;
    if (begun_ && now - *begun_ < config_.min_interval) return;
    Begin(now, deadline);
  }

  void Wait(Time deadline) {
    std::unique_lock lock(mutex_);
    const auto over = [this] { return !running_ && !requested_; };
    const Time until = std::min(deadline, deadline_) + kGrace;
    if (!ended_.wait_until(lock, until, over) && until >= deadline_ + kGrace) GiveUp();
  }

  void Cancel() {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    cancelled_ = true;
    wake_.notify_all();
  }

  // After Cancel. From now on nothing given to the constructor is used.
  void Close() {
    std::unique_lock lock(mutex_);
    const bool ended = ended_.wait_for(lock, kFarewell, [this] { return left_; });
    lock.unlock();
    sink_.Close();
    if (ended) {
      thread_.join();
    } else {
      thread_.detach();
    }
  }

 private:
  void Begin(Time now, Time deadline) {
    begun_ = now;
    deadline_ = deadline;
    requested_ = true;
    told_ = false;
    wake_.notify_all();
  }

  void Loop() {
    std::unique_lock lock(mutex_);
    while (!closing_) {
      if (!requested_) WaitForWork(lock);
      if (!requested_ || closing_) continue;
      requested_ = false;
      running_ = true;
      ReadOnce(lock);
      running_ = false;
      ended_.notify_all();
    }
    left_ = true;
    ended_.notify_all();
  }

  // Until somebody asks, or the source's own timer does.
  void WaitForWork(std::unique_lock<std::mutex>& lock) {
    const auto wanted = [this] { return requested_ || closing_; };
    if (config_.interval.count() == 0) return wake_.wait(lock, wanted);
    const Time due = begun_.value_or(Deadline::Clock::now() - config_.interval) + config_.interval;
    if (wake_.wait_until(lock, due, wanted)) return;
    const Time now = Deadline::Clock::now();
    Begin(now, now + config_.interval);
  }

  void ReadOnce(std::unique_lock<std::mutex>& lock) {
    const Deadline deadline(deadline_, cancelled_);
    lock.unlock();
    const auto begin = Deadline::Clock::now();
    const Result<void> result = source_->Read({deadline, *clock_, sink_, known_until_});
    const auto duration = Deadline::Clock::now() - begin;
    lock.lock();
    if (closing_ || told_) return;
    Tell(result, duration);
    if (const auto [facts, example] = sink_.TakeUnusable(); facts > 0) {
      observer_->Unusable(config_.name, facts, example);
    }
  }

  // It is stuck. Whoever asked for the read has waited until its deadline; the next do not wait at all.
  void GiveUp() {
    if (closing_ || told_) return;
    Tell(Fail("no answer by the deadline"), Deadline::Clock::now() - *begun_);
  }

  // Once for each read.
  void Tell(const Result<void>& result, std::chrono::nanoseconds duration) {
    told_ = true;
    if (!result) source_->ReportDown(sink_, clock_->Now());
    observer_->ReadEnded(config_.name, result, duration);
  }

  const SourceConfig config_;
  const Clock* clock_;
  SourceObserver* observer_;
  FleetSink sink_;
  const std::unique_ptr<Source> source_;
  const UnixMillis known_until_;
  std::thread thread_;
  std::atomic<bool> cancelled_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;   // the thread waits for work
  std::condition_variable ended_;  // others wait for the thread
  bool requested_ = false;
  bool running_ = false;
  bool closing_ = false;
  bool left_ = false;          // the thread is over
  bool told_ = false;          // the observer knows how the read ended
  std::optional<Time> begun_;  // the last read
  Time deadline_;              // of that read
};

SourceSet::SourceSet(const std::vector<SourceConfig>& configs, Fleet& fleet, const Clock& clock,
                     SourceObserver& observer) {
  for (const SourceConfig& config : configs) {
    runners_.push_back(std::make_shared<Runner>(config, fleet, clock, observer));
    runners_.back()->Start();
  }
}

SourceSet::~SourceSet() {
  for (const auto& runner : runners_) runner->Cancel();
  for (const auto& runner : runners_) runner->Close();
}

std::vector<std::string> SourceSet::names() const {
  std::vector<std::string> names;
  for (const auto& runner : runners_) names.push_back(runner->name());
  return names;
}

void SourceSet::Read(Time deadline, const Selected& selected) {
  for (const auto& runner : runners_) {
    if (selected(runner->name())) runner->Request(deadline);
  }
  for (const auto& runner : runners_) {
    if (selected(runner->name())) runner->Wait(deadline);
  }
}

}  // namespace fleet
