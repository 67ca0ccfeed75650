#include "exporter/sources/task_tracker.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/text.h"

namespace fleet {
namespace {

using enum Field;

// How long an ended task is remembered, so that rows that come again do not count again.
constexpr std::chrono::hours kRemembered{1};
constexpr std::size_t kMostRemembered = 200'000;

struct Word {
  std::string_view word, state;
};
constexpr Word kWords[] = {
    {"pending", "pending"},     {"queued", "pending"},      {"waiting", "pending"},
    {"new", "pending"},         {"created", "pending"},     {"ready", "pending"},
    {"open", "pending"},        {"assigned", "assigned"},   {"claimed", "assigned"},
    {"dispatched", "assigned"}, {"scheduled", "assigned"},  {"running", "running"},
    {"in_progress", "running"}, {"started", "running"},     {"processing", "running"},
    {"active", "running"},      {"completed", "completed"}, {"complete", "completed"},
    {"done", "completed"},      {"succeeded", "completed"}, {"success", "completed"},
    {"finished", "completed"},  {"failed", "failed"},       {"error", "failed"},
    {"cancelled", "cancelled"}, {"canceled", "cancelled"},  {"aborted", "cancelled"},
    {"timed_out", "timed_out"}, {"timeout", "timed_out"},
};

constexpr std::string_view kPriorities[] = {"critical", "high", "normal", "low", "none"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return lower;
}

// Numbers and words nobody knows are no priority.
std::string PriorityOf(std::string_view text) {
  std::string lower = Lower(text);
  if (lower == "medium") lower = "normal";
  if (lower == "urgent") lower = "critical";
  const bool known = std::ranges::find(kPriorities, lower) != std::end(kPriorities);
  return known ? lower : "";
}

}  // namespace

TaskWords::TaskWords(const Words& more) {
  for (const Word& word : kWords) words_.emplace(word.word, word.state);
  for (const auto& [word, state] : more) words_.insert_or_assign(word, state);
}

std::string_view TaskWords::MeaningOf(std::string_view word) const {
  auto found = words_.find(word);
  if (found == words_.end()) found = words_.find(Lower(word));
  return found == words_.end() ? std::string_view() : found->second;
}

bool TaskWords::IsOpen(std::string_view state) {
  return state == "pending" || state == "assigned" || state == "running";
}

std::vector<std::string> TaskWords::OpenWords() const {
  std::vector<std::string> open;
  for (const auto& [word, state] : words_) {
    if (!IsOpen(state)) continue;
    open.push_back(word);
    std::string upper = word;
    std::ranges::transform(upper, upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
    if (upper != word) open.push_back(upper);
  }
  return open;
}

void TaskTracker::See(const TaskRow& row, FactSink& facts) {
  const std::string_view state = words_->MeaningOf(row.state);
  if (state.empty()) {
    facts.Unusable(1,
                   fmt::format("nobody knows the state '{}' of a task", Printable(row.state.substr(0, 40))));
    return;
  }
  const auto known = tasks_.find(row.id);
  const Task* const before = known == tasks_.end() ? nullptr : &known->second;
  const bool changed = before == nullptr || before->state != state || before->time < row.time;
  // What has ended and is seen for the first time after that says nothing new by a later change.
  const bool again = before != nullptr && before->ended.value != 0 && !TaskWords::IsOpen(state);
  if (changed && !again) ReportState(row, state, before, facts);
  Task& task = tasks_[row.id];
  task.state = std::string(state);
  task.time = std::max(task.time, row.time);
  task.seen = read_;
  if (TaskWords::IsOpen(state)) {
    task.ended = {};
  } else if (task.ended.value == 0) {
    task.ended = row.time;
  }
}

void TaskTracker::ReportState(const TaskRow& row, std::string_view state, const Task* before,
                              FactSink& facts) const {
  const std::string_view task_type = row.type.empty() ? "unknown" : std::string_view(row.type);
  const auto fact = [&](std::string_view type, UnixMillis at) {
    Fact told(type, at);
    if (before == nullptr) told.Retold();
    return told.Text(kTaskId, row.id).Text(kTaskType, task_type);
  };
  if (before == nullptr) {
    facts.Report(fact("task.created", std::min(row.time, row.created.value_or(row.time)))
                     .Text(kPriority, PriorityOf(row.priority))
                     .Text(kUser, row.user));
    if (row.started && state != "pending" && state != "assigned") {
      facts.Report(fact("task.started", std::min(row.time, *row.started)));
    }
  }
  if (before != nullptr && before->state == state) {
    facts.Report(fact("task.progressed", row.time));
  } else if (state == "pending") {
    if (before != nullptr) facts.Report(fact("task.retried", row.time).Text(kReason, "other"));
  } else if (state == "assigned") {
    facts.Report(fact("task.assigned", row.time)
                     .Text(kWorkerType, row.worker_type.empty() ? "unknown" : row.worker_type));
  } else if (state == "running") {
    if (before != nullptr || !row.started) facts.Report(fact("task.started", row.started.value_or(row.time)));
    facts.Report(fact("task.progressed", row.time));
  } else {
    facts.Report(fact("task." + std::string(state), row.time));
  }
}

std::vector<std::string> TaskTracker::Vanished(std::size_t most) const {
  std::vector<std::string> ids;
  for (const auto& [id, task] : tasks_) {
    if (task.ended.value != 0 || task.seen == read_ || ids.size() == most) continue;
    ids.push_back(id);
  }
  return ids;
}

void TaskTracker::Deleted(const std::string& id, UnixMillis now, FactSink& facts) {
  if (tasks_.erase(id) > 0) facts.Report(Fact("task.cancelled", now).Text(kTaskId, id));
}

void TaskTracker::End(UnixMillis now) {
  const UnixMillis oldest = tasks_.size() > kMostRemembered ? now : now - kRemembered;
  std::erase_if(tasks_, [&](const auto& entry) {
    const Task& task = entry.second;
    return task.seen != read_ && task.ended.value != 0 && task.ended < oldest;
  });
}

}  // namespace fleet
