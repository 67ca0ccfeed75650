// Words for tests of sources: facts as lines, a source that does what the test says.
#pragma once

#include <fmt/format.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "exporter/sources/source.h"
#include "exporter/sources/source_set.h"

namespace fleet::test {

// Prints facts: "runner.heartbeat @1.5 runner_id=a slots=4"; incomplete ones begin with "incomplete ".
class RecordedFacts final : public FactSink {
 public:
  void Report(const Fact& fact) override {
    const Event& event = fact.event();
    std::string line =
        fmt::format("{}{} @{}", fact.complete() ? "" : "incomplete ", event.type->name, event.time.Seconds());
    for (const FieldValue& value : event.values()) {
      const FieldDef& field = Definition(value.field);
      const bool is_text = field.kind == FieldKind::kText || field.kind == FieldKind::kMessage ||
                           field.kind == FieldKind::kTextsByKey;
      if (field.kind == FieldKind::kNumbersByKey) {
        line += fmt::format(" {}.{}={}", field.name, value.text, value.number);
      } else if (is_text) {
        line += fmt::format(" {}={}", field.name, value.text);
      } else {
        line += fmt::format(" {}={}", field.name, value.number);
      }
    }
    if (event.count != 1) line += fmt::format(" x{}", event.count);
    if (!fact.problem().empty()) line += fmt::format(" ({})", fact.problem());
    lines.push_back(line);
  }
  void Unusable(std::size_t count, const std::string& example) override {
    if (count > 0) lines.push_back(fmt::format("unusable {}: {}", count, example));
  }

  std::vector<std::string> lines;
};

// Blocks whoever passes until it is opened.
class Gate {
 public:
  void Pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void AwaitSomebody() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

class FakeSource final : public Source {
 public:
  using Reading = std::function<Result<void>(const SourceRun&)>;
  using Down = std::function<void(FactSink&, UnixMillis)>;

  explicit FakeSource(
      Reading read, Down down = [](FactSink&, UnixMillis) {})
      : read_(std::move(read)), down_(std::move(down)) {}

  Result<void> Read(const SourceRun& run) override { return read_(run); }
  void ReportDown(FactSink& facts, UnixMillis now) const override { down_(facts, now); }

 private:
  Reading read_;
  Down down_;
};

}  // namespace fleet::test
