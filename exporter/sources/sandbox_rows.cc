#include "exporter/sources/sandbox_rows.h"

#include <algorithm>

#include "exporter/sources/row_facts.h"

namespace fleet {
namespace {

using enum Field;

// The last word of "sandbox.terminated", "sandbox_terminated", "terminated".
std::string_view LastWord(std::string_view type) { return type.substr(type.find_last_of("._") + 1); }

// What an event does to its sandbox; any other is a sign of life.
std::string_view TypeOf(std::string_view event_type) {
  const bool of_sandbox = event_type.starts_with("sandbox") || event_type == LastWord(event_type);
  const std::string_view word = of_sandbox ? LastWord(event_type) : "";
  if (word == "terminated" || word == "destroyed" || word == "deleted") return "sandbox.terminated";
  if (word == "stopped") return "sandbox.stopped";
  return "sandbox.activity";
}

}  // namespace

void SandboxRows::Add(const PgRow& row, const ClockSkew& skew) {
  const auto id = row.Find("sandbox_id");
  const auto last = TimeOf(row, "time", skew);
  if (!id || id->empty() || !last) {
    ++unusable_;
    return;
  }
  by_sandbox_[std::string(*id)].push_back({std::string(row.Find("event_type").value_or("activity")),
                                           std::min(*last, TimeOf(row, "first_time", skew).value_or(*last)),
                                           *last, NumberOf(row.Find("count")).value_or(1)});
}

void SandboxRows::Report(bool backfill, FactSink& facts) const {
  facts.Unusable(unusable_, "a row of sandbox_events lacks sandbox_id or time");
  for (const auto& [id, unsorted] : by_sandbox_) {
    std::vector<Row> rows = unsorted;
    std::ranges::stable_sort(rows, {}, &Row::last);
    if (!backfill) {
      for (const Row& row : rows) {
        facts.Report(Fact("event.recorded", row.last).Text(kEventType, row.event_type).Count(row.count));
      }
    }
    if (backfill && TypeOf(rows.back().event_type) == "sandbox.terminated") {
      facts.Report(Fact("sandbox.terminated", rows.back().last).Text(kSandboxId, id).Retold());
      continue;
    }
    UnixMillis first = rows.front().first;
    for (const Row& row : rows) first = std::min(first, row.first);
    if (first < rows.front().last) facts.Report(Fact("sandbox.activity", first).Text(kSandboxId, id));
    for (const Row& row : rows) facts.Report(Fact(TypeOf(row.event_type), row.last).Text(kSandboxId, id));
  }
}

}  // namespace fleet
