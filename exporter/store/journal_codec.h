// What the journal holds, as bytes and back: the events that one transaction made durable, or new limits.
//
// Types and fields are written as their places in the vocabulary of the program that wrote them, which is
// kept beside the journal: another version reads them by their names.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/fleet/archive.h"
#include "exporter/fleet/event.h"
#include "exporter/fleet/limits.h"
#include "lib/base/clock.h"

namespace fleet {

class Vocabulary {
 public:
  // "worker.heartbeat worker.stopped ...\nactive active_runs ..."
  static std::string Print();
  // From what Print gave once.
  static Vocabulary Parse(std::string_view text);

  // Null or nothing for what this program does not know (any more).
  const EventType* Type(std::size_t place) const { return place < types_.size() ? types_[place] : nullptr; }
  std::optional<Field> FieldAt(std::size_t place) const {
    return place < fields_.size() ? fields_[place] : std::nullopt;
  }

 private:
  std::vector<const EventType*> types_;
  std::vector<std::optional<Field>> fields_;
};

// The events of one request. Pieces of several requests in a row are one entry's events.
std::string EncodeEvents(std::span<const Event* const> events, UnixMillis received);

// What an entry begins with. `advanced`: the fleet's time when the events were applied.
std::string EntryOfEvents(UnixMillis advanced);
std::string EntryOfLimits(const FleetLimits& limits);

// Who reads an entry. The texts of events belong to the entry.
struct JournalReader {
  std::function<void(UnixMillis advanced)> advance;
  std::function<void(const Event& event, UnixMillis received)> apply;
  std::function<void(const FleetLimits& limits)> set_limits;
};

// False when the entry is not what was written. `unknown` counts events of types that are no more, or that
// need other fields now.
bool ReadEntry(std::string_view entry, const Vocabulary& vocabulary, const JournalReader& reader,
               std::size_t& unknown);

}  // namespace fleet
