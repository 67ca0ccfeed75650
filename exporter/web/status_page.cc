#include "exporter/web/status_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

#include "build_info.h"
#include "exporter/web/api_json.h"

namespace fleet {
namespace {

constexpr int kRefreshSeconds = 10;

std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --ok: #1a7f37; --warn: #9a6700; --bad: #cf222e; --calm: #6e7781; }
@media (prefers-color-scheme: dark) { :root { --ok: #3fb950; --warn: #d29922; --bad: #f85149; --calm: #8b949e; } }
* { box-sizing: border-box; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 76rem; margin: 0 auto; padding: 1.2rem 1rem 3rem; }
header { display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: baseline; margin-bottom: 1rem; }
h1 { font-size: 1.35rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 1.8rem 0 .5rem; }
.muted { color: var(--calm); }
.push { margin-left: auto; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(15.5rem, 1fr)); gap: .8rem; }
.tile { border: 1px solid var(--line); border-left: 5px solid var(--calm); border-radius: 8px; padding: .7rem .9rem; }
.tile.ok { border-left-color: var(--ok); } .tile.warn { border-left-color: var(--warn); } .tile.bad { border-left-color: var(--bad); }
.tile .name { display: flex; justify-content: space-between; gap: .5rem; font-weight: 600; }
.tile .word { white-space: nowrap; }
.tile .big { display: flex; flex-wrap: wrap; align-items: baseline; column-gap: .5rem; font-size: 1.9rem; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tile .big small { font-size: .9rem; font-weight: 400; }
.ok .word { color: var(--ok); } .warn .word { color: var(--warn); } .bad .word { color: var(--bad); } .calm .word { color: var(--calm); }
.bar { display: flex; height: 8px; border-radius: 4px; overflow: hidden; background: var(--soft); margin: .35rem 0 .4rem; }
.bar i { display: block; } .bar .ok { background: var(--ok); } .bar .warn { background: var(--warn); } .bar .bad { background: var(--bad); } .bar .calm { background: var(--calm); opacity: .55; }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .35rem .75rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
tr:last-child td { border-bottom: 0; } th { font-weight: 600; background: var(--soft); }
td { unicode-bidi: isolate; } td:first-child { white-space: normal; overflow-wrap: anywhere; min-width: 10rem; }
td.n, th.n { text-align: right; } td.why { white-space: normal; min-width: 22rem; }
.s-bad { color: var(--bad); font-weight: 600; } .s-warn { color: var(--warn); font-weight: 600; } .s-ok { color: var(--ok); }
pre { padding: .7rem .9rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; font-size: 13px; }
details { margin-top: 1.8rem; } summary { cursor: pointer; font-weight: 600; }
)";

enum class Mood { kCalm, kOk, kWarn, kBad };

std::string_view ClassOf(Mood mood) {
  constexpr std::string_view kClasses[] = {"calm", "ok", "warn", "bad"};
  return kClasses[static_cast<std::size_t>(mood)];
}

std::string_view WordOf(Mood mood) {
  constexpr std::string_view kWords[] = {"no data", "ok", "look", "act"};
  return kWords[static_cast<std::size_t>(mood)];
}

double At(const NumbersByState& numbers, std::string_view state) {
  const auto it = numbers.find(state);
  return it == numbers.end() ? 0 : it->second;
}

double Total(const NumbersByState& numbers) {
  double total = 0;
  for (const auto& [state, n] : numbers) total += n;
  return total;
}

// 1234567 -> 1,234,567
std::string Count(double n) {
  std::string text = fmt::format("{:.0f}", n);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > (text[0] == '-' ? 1 : 0); at -= 3) {
    text.insert(static_cast<std::size_t>(at), ",");
  }
  return text;
}

std::string AgeText(UnixMillis time, UnixMillis now) {
  if (time.value == 0) return "-";
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(std::max(now - time, Duration(0)));
  return PrintDuration(age);
}

struct BarPart {
  double n;
  Mood mood;
};

struct Tile {
  std::string_view name;
  Mood mood;
  std::string big;
  std::string unit;
  std::vector<BarPart> bar;
  std::string detail;
};

std::string Render(const Tile& tile) {
  double total = 0;
  for (const BarPart& part : tile.bar) total += part.n;
  std::string bar;
  for (const BarPart& part : tile.bar) {
    if (part.n <= 0) continue;
    bar +=
        fmt::format("<i class=\"{}\" style=\"width:{:.2f}%\"></i>", ClassOf(part.mood), 100 * part.n / total);
  }
  return fmt::format(
      "<section class=\"tile {0}\"><div class=\"name {0}\"><span>{1}</span><span class=\"word\">{2}</span>"
      "</div><div class=\"big\">{3} <small class=\"muted\">{4}</small></div><div class=\"bar\">{5}</div>"
      "<div class=\"muted\">{6}</div></section>\n",
      ClassOf(tile.mood), tile.name, WordOf(tile.mood), tile.big, tile.unit, bar, tile.detail);
}

Mood MoodOf(bool is_known, bool bad, bool warn) {
  if (!is_known) return Mood::kCalm;
  if (bad) return Mood::kBad;
  return warn ? Mood::kWarn : Mood::kOk;
}

Tile WorkersTile(const FleetStatus& status) {
  const double healthy = At(status.workers, "healthy"), stale = At(status.workers, "stale"),
               down = At(status.workers, "down"), all = Total(status.workers);
  return {"Workers",
          MoodOf(all > 0, down > 0, stale > 0),
          Count(healthy),
          fmt::format("of {} healthy", Count(all)),
          {{healthy, Mood::kOk}, {stale, Mood::kWarn}, {down, Mood::kBad}},
          fmt::format("{} stale, {} down, {} stopped", Count(stale), Count(down),
                      Count(At(status.worker_processes, "stopped")))};
}

Tile RunnersTile(const FleetStatus& status) {
  const double offline = At(status.runners, "offline"), all = Total(status.runners);
  const double busy = At(status.runners, "busy"), idle = At(status.runners, "idle"),
               draining = At(status.runners, "draining");
  return {"Runners",
          MoodOf(all > 0, offline == all, offline > 0),
          Count(all - offline),
          fmt::format("of {} online", Count(all)),
          {{busy, Mood::kOk}, {idle, Mood::kCalm}, {draining, Mood::kWarn}, {offline, Mood::kBad}},
          fmt::format("{} busy, {} idle; runs: {} pending, {} running", Count(busy), Count(idle),
                      Count(At(status.runs, "pending")), Count(At(status.runs, "running")))};
}

Tile TasksTile(const FleetStatus& status) {
  const double pending = At(status.tasks, "pending"), assigned = At(status.tasks, "assigned"),
               running = At(status.tasks, "running");
  const double moving = std::max(0.0, assigned + running - status.tasks_stuck);
  return {"Tasks",
          MoodOf(Total(status.tasks) > 0, false, status.tasks_stuck > 0),
          Count(running),
          "running",
          {{moving, Mood::kOk}, {status.tasks_stuck, Mood::kBad}, {pending, Mood::kCalm}},
          fmt::format("{} pending, {} assigned, {} stuck; {} users", Count(pending), Count(assigned),
                      Count(status.tasks_stuck), Count(status.tasks_active_users))};
}

Tile QueuesTile(const FleetStatus& status) {
  double depth = 0, in_flight = 0, dead = 0, open = 0;
  for (const QueueStatus& queue : status.queues) {
    depth += queue.depth;
    in_flight += queue.in_flight.value_or(0);
    dead += queue.dead_letter.value_or(0);
    open += queue.circuit_breaker_open.value_or(false) ? 1 : 0;
  }
  return {
      "Queues",
      MoodOf(!status.queues.empty(), open > 0, dead > 0),
      Count(depth),
      fmt::format("waiting in {} {}", status.queues.size(), status.queues.size() == 1 ? "queue" : "queues"),
      {{depth, Mood::kCalm}, {in_flight, Mood::kOk}, {dead, Mood::kBad}},
      fmt::format("{} in flight, {} dead {}", Count(in_flight), Count(dead),
                  dead == 1 ? "letter" : "letters")};
}

Tile SandboxesTile(const FleetStatus& status) {
  const double running = At(status.sandboxes, "running"), all = Total(status.sandboxes);
  return {"Sandboxes",
          MoodOf(all > 0, false, status.sandboxes_zombie + status.sandboxes_orphaned > 0),
          Count(running),
          fmt::format("of {} running", Count(all)),
          {{std::max(0.0, running - status.sandboxes_zombie), Mood::kOk},
           {status.sandboxes_zombie, Mood::kBad},
           {all - running, Mood::kCalm}},
          fmt::format("{} zombies, {} orphaned; pool: {} of {} free", Count(status.sandboxes_zombie),
                      Count(status.sandboxes_orphaned), Count(status.sandbox_pool_available),
                      Count(status.sandbox_pool_capacity))};
}

Tile AgentsTile(const FleetStatus& status) {
  const double free = std::max(0.0, status.agents_capacity - status.agents_active);
  const bool is_known = status.agents_capacity > 0 || status.agents_active > 0;
  const bool near = status.agents_capacity > 0 && status.agents_active > 0.9 * status.agents_capacity;
  const std::string of =
      status.agents_capacity > 0 ? fmt::format("of {} active", Count(status.agents_capacity)) : "active";
  return {"Agents",
          MoodOf(is_known, false, near),
          Count(status.agents_active),
          of,
          {{status.agents_active, near ? Mood::kWarn : Mood::kOk}, {free, Mood::kCalm}},
          is_known ? fmt::format("{} free", Count(free)) : "no pool reported"};
}

Tile SourcesTile(const FleetStatus& status) {
  const auto up = static_cast<double>(std::ranges::count_if(status.sources, &SourceStatus::up));
  const auto all = static_cast<double>(status.sources.size());
  const double components_up = Total(status.components);
  const auto components = static_cast<double>(status.components.size());
  return {"Sources",
          MoodOf(all + components > 0, up < all, components_up < components),
          Count(up),
          fmt::format("of {} polled sources up", Count(all)),
          {{up, Mood::kOk}, {all - up, Mood::kBad}},
          fmt::format("{} of {} components report up", Count(components_up), Count(components))};
}

Tile ExporterTile(const FleetStatus& status) {
  const bool lossy = status.events_rejected + status.series_dropped + status.label_values_folded > 0;
  return {
      "Exporter",
      MoodOf(true, status.store_write_errors > 0, lossy),
      Count(status.events_received),
      "events received",
      {{status.events_received - status.events_rejected, Mood::kOk}, {status.events_rejected, Mood::kBad}},
      fmt::format("{} rejected, {} duplicates, {} series dropped, {} values folded",
                  Count(status.events_rejected), Count(status.events_deduplicated),
                  Count(status.series_dropped), Count(status.label_values_folded))};
}

// A table, or a sentence when there is nothing to show. Cells are HTML.
class Table {
 public:
  // Names that begin with '#' are columns of numbers.
  explicit Table(std::span<const std::string_view> columns) {
    for (const std::string_view column : columns) {
      numbers_.push_back(column.starts_with('#'));
      head_ += fmt::format("<th{}>{}</th>", numbers_.back() ? " class=\"n\"" : "",
                           numbers_.back() ? column.substr(1) : column);
    }
  }

  void Add(const std::vector<std::string>& cells) {
    rows_ += "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool is_last = i + 1 == cells.size() && !numbers_[i];
      const std::string_view kind = numbers_[i] ? " class=\"n\"" : is_last ? " class=\"why\"" : "";
      rows_ += fmt::format("<td{}>{}</td>", kind, cells[i]);
    }
    rows_ += "</tr>\n";
  }

  std::string Html(std::string_view nothing) const {
    if (rows_.empty()) return fmt::format("<p class=\"muted\">{}</p>\n", nothing);
    return fmt::format(
        "<div class=\"wide\"><table><thead><tr>{}</tr></thead><tbody>\n{}</tbody></table></div>\n", head_,
        rows_);
  }

 private:
  std::vector<bool> numbers_;
  std::string head_, rows_;
};

std::string Marked(std::string_view text, Mood mood) {
  return fmt::format("<span class=\"s-{}\">{}</span>", ClassOf(mood), Escape(text));
}

std::string More(std::size_t shown, std::size_t total, std::string_view path) {
  if (total <= shown) return "";
  return fmt::format("<p class=\"muted\">{} of {}; <a href=\"{}\">all of them</a></p>\n", shown, total, path);
}

std::string Workers(const StatusPageData& data) {
  constexpr std::string_view kColumns[] = {"Worker", "Type", "State", "#Heartbeat", "#Active tasks", "Why"};
  Table table(kColumns);
  for (const WorkerView& worker : data.silent_workers) {
    const Mood mood = worker.state == "down" ? Mood::kBad : Mood::kWarn;
    table.Add({Escape(worker.id), Escape(worker.type), Marked(worker.state, mood),
               AgeText(worker.last_heartbeat, data.now), Count(worker.active_tasks), Escape(worker.reason)});
  }
  return "<h2>Silent workers</h2>\n" +
         table.Html(Total(data.status.workers) > 0 ? "Every worker is healthy."
                                                   : "No worker has reported yet.") +
         More(data.silent_workers.size(), data.silent_workers_total, "/api/v1/workers");
}

std::string Sandboxes(const StatusPageData& data) {
  constexpr std::string_view kColumns[] = {"Sandbox", "Type", "State", "#Age", "#Last event", "Why"};
  Table table(kColumns);
  const auto add = [&](const SandboxView& sandbox) {
    table.Add({Escape(sandbox.id), Escape(sandbox.type),
               Marked(sandbox.zombie ? "zombie" : "orphaned", sandbox.zombie ? Mood::kBad : Mood::kWarn),
               AgeText(sandbox.created, data.now), AgeText(sandbox.last_event, data.now),
               Escape(sandbox.reason)});
  };
  for (const SandboxView& sandbox : data.zombies.items) add(sandbox);
  for (const SandboxView& sandbox : data.orphans.items) {
    if (!sandbox.zombie) add(sandbox);
  }
  return "<h2>Sandboxes to clean up</h2>\n" + table.Html("No zombies, no orphans.") +
         More(data.zombies.items.size(), data.zombies.total, "/api/v1/sandboxes?state=zombie") +
         More(data.orphans.items.size(), data.orphans.total, "/api/v1/sandboxes?state=orphaned");
}

std::string Tasks(const StatusPageData& data) {
  constexpr std::string_view kColumns[] = {"Task",        "Type", "State", "#In state",
                                           "#Last event", "User", "Why"};
  Table table(kColumns);
  for (const TaskView& task : data.tasks.stuck.items) {
    table.Add({Escape(task.id), Escape(task.type), Marked(task.state, Mood::kBad),
               AgeText(task.since, data.now), AgeText(task.last_event, data.now), Escape(task.user),
               Escape(task.reason)});
  }
  return "<h2>Stuck tasks</h2>\n" + table.Html("No task is stuck.") +
         More(data.tasks.stuck.items.size(), data.tasks.stuck.total, "/api/v1/tasks/summary");
}

std::string Queues(const StatusPageData& data) {
  constexpr std::string_view kColumns[] = {"Queue",         "#Waiting",   "#In flight", "#Delayed",
                                           "#Dead letters", "#Consumers", "#Oldest",    "Circuit breaker"};
  const auto number = [](const std::optional<double>& n) { return n ? Count(*n) : std::string("-"); };
  Table table(kColumns);
  std::vector<QueueStatus> deepest = data.status.queues;
  std::ranges::stable_sort(deepest, std::greater(), &QueueStatus::depth);
  if (deepest.size() > kShownOnPage) deepest.resize(kShownOnPage);
  for (const QueueStatus& queue : deepest) {
    UnixMillis oldest;
    if (queue.oldest_unix_seconds) {
      oldest.value = static_cast<std::int64_t>(*queue.oldest_unix_seconds * 1000);
    }
    std::string breaker = "-";
    if (queue.circuit_breaker_open) {
      breaker = *queue.circuit_breaker_open ? Marked("open", Mood::kBad) : Marked("closed", Mood::kOk);
    }
    const bool dead = queue.dead_letter.value_or(0) > 0;
    table.Add({Escape(queue.queue), Count(queue.depth), number(queue.in_flight), number(queue.delayed),
               dead ? Marked(number(queue.dead_letter), Mood::kWarn) : number(queue.dead_letter),
               number(queue.consumers), AgeText(oldest, data.now), breaker});
  }
  return "<h2>Queues</h2>\n" +
         table.Html("No queue has reported how much waits in it yet (fleet.queue.state).") +
         More(deepest.size(), data.status.queues.size(), "/api/v1/queues");
}

std::string Sources(const StatusPageData& data) {
  if (data.status.sources.empty()) return "";
  constexpr std::string_view kColumns[] = {"Source", "#Last success", "State"};
  Table table(kColumns);
  for (const SourceStatus& source : data.status.sources) {
    table.Add({Escape(source.source), AgeText(source.last_success, data.now),
               source.up ? Marked("up", Mood::kOk) : Marked("down", Mood::kBad)});
  }
  return "<h2>Polled sources</h2>\n" + table.Html("");
}

// Open and above all lists as long as nothing has come: that is what a new user looks for.
constexpr char kHowTo[] = R"html(<details{1}><summary>How to report</summary>
<pre>curl -X PUT http://{0}/api/v1/heartbeats/sandbox/worker-7

curl http://{0}/api/v1/events \
  -H 'Content-Type: application/cloudevents+json' -d '{{
    "specversion": "1.0", "id": "42", "source": "builder", "type": "fleet.queue.processed",
    "data": {{"queue": "builds", "outcome": "succeeded", "duration_seconds": 3.2}}}}'</pre>
</details>
)html";

constexpr char kLinks[] =
    R"html(<p class="muted"><a href="{}">Metrics</a>, <a href="/-/healthy">health</a>, <a href="/-/ready">readiness</a>;
JSON: <a href="/api/v1/status">status</a>, <a href="/api/v1/workers">workers</a>,
<a href="/api/v1/runners">runners</a>, <a href="/api/v1/sandboxes">sandboxes</a>,
<a href="/api/v1/tasks/summary">tasks</a>, <a href="/api/v1/queues">queues</a></p>
)html";

}  // namespace

std::string RenderStatusPage(const StatusPageData& data) {
  std::string tiles;
  for (const auto make : {WorkersTile, RunnersTile, TasksTile, QueuesTile, SandboxesTile, AgentsTile,
                          SourcesTile, ExporterTile}) {
    tiles += Render(make(data.status));
  }
  const std::string again =
      data.refresh ? fmt::format("reloads every {} s, <a href=\"/?refresh=0\">pause</a>", kRefreshSeconds)
                   : "paused, <a href=\"/\">go on</a>";
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  if (data.refresh) html += fmt::format("<meta http-equiv=\"refresh\" content=\"{}\">\n", kRefreshSeconds);
  html += "<link rel=\"icon\" href=\"data:,\">\n<title>fleet_exporter</title>\n<style>";
  html += kStyle;
  html += fmt::format(
      "</style>\n</head>\n<body>\n<header><h1>Fleet</h1><span class=\"muted\">as of {}</span>"
      "<span class=\"muted push\">{}</span></header>\n<div class=\"tiles\">\n{}</div>\n",
      Rfc3339(data.now), again, tiles);
  const bool is_new = data.status.events_received == 0;
  const std::string how_to = fmt::format(kHowTo, Escape(data.ingest_address), is_new ? " open" : "");
  const std::string lists = Workers(data) + Sandboxes(data) + Tasks(data) + Queues(data) + Sources(data);
  html += is_new ? how_to + lists : lists + how_to;
  html += fmt::format(kLinks, Escape(data.telemetry_path));
  html += fmt::format("<p class=\"muted\">fleet_exporter {}, revision {}</p>\n</body>\n</html>\n", kVersion,
                      kRevision);
  return html;
}

}  // namespace fleet
