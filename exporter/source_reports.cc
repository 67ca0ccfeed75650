#include "exporter/source_reports.h"

namespace fleet {
namespace {

constexpr std::chrono::minutes kQuiet{1};

}  // namespace

void SourceReports::ReadEnded(const std::string& source, const Result<void>& result,
                              std::chrono::nanoseconds duration) {
  const UnixMillis now = clock_->Now();
  metrics_->Collected(source, result.has_value(), duration, now);
  fleet_->ReportSource(source, result.has_value(), now);
  const std::lock_guard lock(mutex_);
  LogResult(source, result, now);
}

void SourceReports::LogResult(const std::string& source, const Result<void>& result, UnixMillis now) {
  State& state = states_[source];
  if (result) {
    if (state.failing) logger_->Info("Source works again", {{"source_name", source}});
    state.failing = false;
    return;
  }
  const std::string& error = result.error().message;
  const bool news = !state.failing || (error != state.error && now - state.logged >= kQuiet);
  state.failing = true;
  if (!news) return;
  state.error = error;
  state.logged = now;
  logger_->Warn("Source failed", {{"source_name", source}, {"err", error}});
}

void SourceReports::Unusable(const std::string& source, std::size_t facts, const std::string& example) {
  const UnixMillis now = clock_->Now();
  const std::lock_guard lock(mutex_);
  State& state = states_[source];
  if (now - state.unusable_logged < kQuiet) return;
  state.unusable_logged = now;
  logger_->Warn("Source told what cannot be used",
                {{"source_name", source}, {"facts", facts}, {"example", example}});
}

}  // namespace fleet
