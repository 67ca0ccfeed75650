#include "exporter/store/journal_codec.h"

#include <algorithm>
#include <cmath>

#include "exporter/fleet/shape.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

enum EntryKind : std::uint64_t { kEvents = 1, kLimits = 2 };

// Of an event; what is not flagged is as in a new Event.
enum EventFlag : std::uint64_t {
  kHasCount = 1,
  kHasWeight = 2,
  kHasTrace = 4,
  kSameSource = 8,  // as the event before
};
// Of a value, below the place of its field.
enum ValueFlag : std::uint64_t { kHasText = 1, kHasNumber = 2, kValueFlagBits = 2 };

static_assert(kFieldsOf<FieldValue> == 3, "what a value has more than these must be written, too");

void EncodeValue(const FieldValue& value, ArchiveWriter& archive) {
  std::uint64_t head = static_cast<std::uint64_t>(value.field) << kValueFlagBits;
  if (!value.text.empty()) head |= kHasText;
  if (value.number != 0) head |= kHasNumber;
  archive.PutCount(head);
  if (!value.text.empty()) archive.PutText(value.text);
  if (value.number != 0) archive.PutNumber(value.number);
}

void EncodeEvent(const Event& event, UnixMillis received, std::string_view last_source,
                 ArchiveWriter& archive) {
  archive.PutCount(static_cast<std::uint64_t>(event.type - EventTypes().data()));
  std::uint64_t flags = 0;
  if (event.count != 1) flags |= kHasCount;
  if (event.weight != 1) flags |= kHasWeight;
  if (!event.trace_id.empty()) flags |= kHasTrace;
  if (event.source == last_source) flags |= kSameSource;
  archive.PutCount(flags);
  archive.PutSigned(event.time.value - received.value);
  if (event.source != last_source) archive.PutText(event.source);
  archive.PutText(event.id);
  if (event.count != 1) archive.PutNumber(event.count);
  if (event.weight != 1) archive.PutNumber(event.weight);
  if (!event.trace_id.empty()) archive.PutText(event.trace_id);
  archive.PutCount(event.values().size());
  for (const FieldValue& value : event.values()) EncodeValue(value, archive);
}

void DecodeValues(ArchiveReader& archive, const Vocabulary& vocabulary, Event& event) {
  for (std::size_t left = archive.GetSize(); left > 0 && !archive.failed(); --left) {
    const std::uint64_t head = archive.GetCount();
    FieldValue value;
    if ((head & kHasText) != 0) value.text = archive.GetText();
    if ((head & kHasNumber) != 0) value.number = archive.GetNumber();
    const auto field = vocabulary.FieldAt(head >> kValueFlagBits);
    if (!field) continue;
    value.field = *field;
    event.Add(value);
  }
}

// An event of a type that is no more has no type.
Event DecodeEvent(ArchiveReader& archive, const Vocabulary& vocabulary, UnixMillis received,
                  std::string_view last_source) {
  Event event;
  event.type = vocabulary.Type(archive.GetCount());
  const std::uint64_t flags = archive.GetCount();
  event.time = UnixMillis{static_cast<std::int64_t>(static_cast<std::uint64_t>(received.value) +
                                                    static_cast<std::uint64_t>(archive.GetSigned()))};
  event.source = (flags & kSameSource) != 0 ? last_source : archive.GetText();
  event.id = archive.GetText();
  if ((flags & kHasCount) != 0) event.count = archive.GetNumber();
  if ((flags & kHasWeight) != 0) event.weight = archive.GetNumber();
  if ((flags & kHasTrace) != 0) event.trace_id = archive.GetText();
  DecodeValues(archive, vocabulary, event);
  return event;
}

// RFC 3339 ends with the year 9999: ingest takes no later time, so a journal that was written has none.
bool IsSane(UnixMillis time) { return std::abs(time.Seconds()) <= 10 * kMostUnixSeconds; }

// The vocabulary may have changed since the event was written.
bool CanApply(const Event& event) {
  return event.type != nullptr && std::ranges::all_of(event.type->fields, [&](const FieldUse& use) {
           return !use.required || event.Has(use.field);
         });
}

bool ReadEvents(ArchiveReader& archive, const Vocabulary& vocabulary, const JournalReader& reader,
                std::size_t& unknown) {
  UnixMillis advanced;
  archive(advanced);
  if (!archive.failed()) reader.advance(advanced);
  while (!archive.at_end() && !archive.failed()) {
    UnixMillis received;
    archive(received);
    std::string_view last_source;
    for (std::size_t left = archive.GetSize(); left > 0; --left) {
      const Event event = DecodeEvent(archive, vocabulary, received, last_source);
      if (archive.failed() || !IsSane(received) || !IsSane(event.time)) return false;
      last_source = event.source;
      if (CanApply(event)) {
        reader.apply(event, received);
      } else {
        ++unknown;
      }
    }
  }
  return !archive.failed();
}

bool ReadLimits(ArchiveReader& archive, const JournalReader& reader) {
  FleetLimits limits;
  const bool can_read = archive.GetText() == ShapeOf(limits);
  if (can_read) archive(limits);
  if (can_read && !archive.failed()) reader.set_limits(limits);
  return !archive.failed();
}

}  // namespace

std::string Vocabulary::Print() {
  std::vector<std::string> types;
  for (const EventType& type : EventTypes()) types.emplace_back(type.name);
  std::vector<std::string> fields;
  for (const FieldDef& field : kFields) fields.emplace_back(field.name);
  return Join(types, " ") + "\n" + Join(fields, " ");
}

Vocabulary Vocabulary::Parse(std::string_view text) {
  Vocabulary vocabulary;
  const std::size_t line = text.find('\n');
  for (const std::string_view type : Split(text.substr(0, line), ' ')) {
    vocabulary.types_.push_back(FindEventType(type));
  }
  if (line == std::string_view::npos) return vocabulary;
  for (const std::string_view name : Split(text.substr(line + 1), ' ')) {
    const FieldDef* const field = FindField(name);
    vocabulary.fields_.push_back(field == nullptr ? std::nullopt : std::optional(field->field));
  }
  return vocabulary;
}

std::string EncodeEvents(std::span<const Event* const> events, UnixMillis received) {
  ArchiveWriter archive;
  archive(received);
  archive.PutCount(events.size());
  std::string_view last_source;
  for (const Event* const event : events) {
    EncodeEvent(*event, received, last_source, archive);
    last_source = event->source;
  }
  return archive.Take();
}

std::string EntryOfEvents(UnixMillis advanced) {
  ArchiveWriter archive;
  archive.PutCount(kEvents);
  archive(advanced);
  return archive.Take();
}

std::string EntryOfLimits(const FleetLimits& limits) {
  ArchiveWriter archive;
  FleetLimits copy = limits;
  archive.PutCount(kLimits);
  archive.PutText(ShapeOf(copy));
  archive(copy);
  return archive.Take();
}

bool ReadEntry(std::string_view entry, const Vocabulary& vocabulary, const JournalReader& reader,
               std::size_t& unknown) {
  ArchiveReader archive(entry);
  switch (archive.GetCount()) {
    case kEvents:
      return ReadEvents(archive, vocabulary, reader, unknown);
    case kLimits:
      return ReadLimits(archive, reader);
    default:
      return false;
  }
}

}  // namespace fleet
