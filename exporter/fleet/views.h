// What the fleet knows of single entities, as values, for people and for programs that act on it: a page
// of a list at a time. Unlike series they are not capped.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/duration.h"

namespace fleet {

struct ListQuery {
  std::string state;       // empty: all
  std::string type;        // worker_type, pool or sandbox_type; empty: all
  Duration silent_for{0};  // only those that nothing was heard of for so long
  std::size_t limit = 100;
  std::string after;  // only what follows this key
};

// Sorted by key.
template <typename View>
struct Listed {
  std::vector<View> items;
  std::size_t total = 0;  // that fit the query, on all pages
  std::string next;       // the `after` of the next page; empty: this was the last
};

// Times are 0 where unknown.
struct WorkerView {
  std::string id, type;
  std::string state;    // healthy, stale, down, stopped
  std::string process;  // running, stopped, crashed
  std::string reason;   // why it is not healthy
  std::string version, host;
  UnixMillis last_heartbeat, last_event;
  double active_tasks = 0;
};

struct RunnerView {
  std::string id, pool;
  std::string state;  // idle, busy, draining, offline
  std::string reason;
  std::string version, os;
  UnixMillis last_heartbeat;
  double slots = 0, slots_used = 0, active_runs = 0;
};

struct SandboxView {
  std::string id, type, agent_type, task_id;
  std::string state;   // provisioning, running, stopped, terminating
  std::string reason;  // why somebody should look after it
  bool zombie = false, orphaned = false;
  UnixMillis created, last_event;
  double memory_bytes = 0, disk_bytes = 0;
};

struct TaskView {
  std::string id, type, state, priority, user, reason;
  UnixMillis since, last_event;  // in its state, of any event
};

struct TaskSummary {
  struct State {
    std::string state;
    std::size_t tasks = 0, stuck = 0;
    UnixMillis oldest;  // when the one that is longest in it entered it
  };
  std::vector<State> states;                                          // in the order of their life
  std::map<std::string, std::map<std::string, std::size_t>> by_type;  // type -> state -> tasks
  std::map<std::string, std::size_t> unfinished_by_priority;
  std::vector<std::pair<std::string, std::size_t>> unfinished_by_user;  // those with the most
  Listed<TaskView> stuck;
};

// The page of `table` that the query asks for. `key_of(entry)` says how an entry is called and must be
// unique, `takes(entry)` whether it fits, `view_of(entry)` what is shown of it.
template <typename View, typename Table, typename KeyOf, typename Takes, typename ViewOf>
Listed<View> ListPage(Table& table, const ListQuery& query, KeyOf key_of, Takes takes, ViewOf view_of) {
  Listed<View> page;
  std::vector<std::pair<std::string, std::size_t>> found;
  for (std::size_t i = 0; i < table.entries().size(); ++i) {
    auto& entry = table.entries()[i];
    if (!takes(entry)) continue;
    ++page.total;
    std::string key = key_of(entry);
    if (key > query.after) found.emplace_back(std::move(key), i);
  }
  const std::size_t size = std::min(query.limit, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(size), found.end());
  if (size > 0 && size < found.size()) page.next = found[size - 1].first;
  for (std::size_t i = 0; i < size; ++i) page.items.push_back(view_of(table.entries()[found[i].second]));
  return page;
}

}  // namespace fleet
