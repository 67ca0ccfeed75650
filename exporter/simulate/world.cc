#include "exporter/simulate/world.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace fleet::simulate {

World::World(std::uint64_t seed, UnixMillis start, IncidentPlan plan, std::string run_id)
    : start_(start), now_(start), seeds_(seed), plan_(std::move(plan)), run_id_(std::move(run_id)) {
  ScheduleIncident(0);
}

std::string World::NewId(std::string_view kind) { return fmt::format("{}-{}-{}", kind, run_id_, ++ids_); }

void World::Emit(std::string_view type, std::vector<EventField> fields) {
  events_.push_back({type, now_, std::move(fields)});
}

void World::At(UnixMillis time, Action action) { timeline_.push({time, entries_++, std::move(action)}); }

void World::After(double seconds, Action action) {
  At(now_ + Duration(std::llround(seconds * 1000)), std::move(action));
}

void World::Every(Duration period, double phase, const Action& action) {
  After(phase * ToSeconds(period), [this, period, action] {
    action();
    Every(period, 1, action);
  });
}

void World::OnIncident(Incident incident, Action begin, Action end) {
  handlers_.push_back({incident, std::move(begin), std::move(end)});
}

void World::ScheduleIncident(std::size_t index) {
  const std::optional<IncidentWindow> window = Window(plan_, start_, index);
  if (!window.has_value()) return;
  const Incident incident = window->incident;
  At(window->begin, [this, incident] {
    active_[static_cast<std::size_t>(incident)] = true;
    for (const Handler& handler : handlers_) {
      if (handler.incident == incident) handler.begin();
    }
  });
  At(window->end, [this, incident, index] {
    active_[static_cast<std::size_t>(incident)] = false;
    for (const Handler& handler : handlers_) {
      if (handler.incident == incident) handler.end();
    }
    ScheduleIncident(index + 1);
  });
}

std::vector<SimulatedEvent> World::Advance(UnixMillis to) {
  while (!timeline_.empty() && timeline_.top().time <= to) {
    now_ = timeline_.top().time;
    const Action action = timeline_.top().action;
    timeline_.pop();
    action();
  }
  if (now_ < to) now_ = to;
  return std::exchange(events_, {});
}

}  // namespace fleet::simulate
