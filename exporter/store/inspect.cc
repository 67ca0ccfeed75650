#include "exporter/store/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>

#include "exporter/store/journal_codec.h"
#include "exporter/store/restore.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

Result<std::unique_ptr<StoreFile>> OpenToRead(const std::string& path) {
  auto file = StoreFile::Open(path, Database::Access::kRead);
  if (!file) return Fail(file.error().message);
  return *std::move(file);
}

// One row after the other; what cannot be read is a problem and ends it.
void CountRows(StoreFile& file, StoreReport& report) {
  JournalReader count{[](UnixMillis) {}, [&](const Event&, UnixMillis) { ++report.events; },
                      [](const FleetLimits&) {}};
  std::size_t unknown = 0;
  const auto read = file.Read(
      {[&](const KeptId&) { ++report.ids; }, [](std::string_view) { return Result<void>(); },
       [&](std::string_view entry, std::string_view words) -> Result<void> {
         ++report.entries;
         if (ReadEntry(entry, Vocabulary::Parse(words), count, unknown)) return {};
         return Fail(fmt::format("{}: entry {} of the journal is unreadable", file.path(), report.entries));
       }});
  if (!read) report.problems.push_back(read.error().message);
}

std::string Rfc3339(UnixMillis time) {
  const std::time_t seconds = time.value / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
  return fmt::format("{}.{:03}Z", text, time.value % 1000);
}

void AppendValue(std::string& json, const FieldValue& value) {
  switch (Definition(value.field).kind) {
    case FieldKind::kText:
    case FieldKind::kMessage:
    case FieldKind::kTextsByKey:
      return AppendJsonString(json, value.text);
    case FieldKind::kNumbers:
      json += fmt::format("[{}]", value.text);
      return;
    case FieldKind::kBool:
      json += value.number != 0 ? "true" : "false";
      return;
    default:
      json += fmt::format("{}", value.number);
  }
}

bool IsKeyed(FieldKind kind) { return kind == FieldKind::kNumbersByKey || kind == FieldKind::kTextsByKey; }

// Keys of one object follow each other; a key of kTextsByKey comes before its text.
std::string Data(const Event& event) {
  std::string json = "{";
  const auto name = [&](std::string_view key) {
    if (json.back() != '{') json += ',';
    AppendJsonString(json, key);
    json += ':';
  };
  bool in_object = false;
  bool awaits_text = false;
  Field last{};
  for (const FieldValue& value : event.values()) {
    const FieldDef& def = Definition(value.field);
    const bool keyed = IsKeyed(def.kind);
    const bool goes_on = in_object && keyed && value.field == last;
    if (in_object && !goes_on) json += '}';
    if (!goes_on) name(def.name);
    if (keyed && !goes_on) json += '{';
    awaits_text = def.kind == FieldKind::kTextsByKey && !(goes_on && awaits_text);
    const bool is_text = def.kind == FieldKind::kTextsByKey && !awaits_text;
    if (keyed && !is_text) name(value.text);
    if (!awaits_text) AppendValue(json, value);
    in_object = keyed;
    last = value.field;
  }
  if (in_object) json += '}';
  if (event.count != 1) name("count"), json += fmt::format("{}", event.count);
  if (event.weight != 1) name("weight"), json += fmt::format("{}", event.weight);
  if (!event.trace_id.empty()) name("trace_id"), AppendJsonString(json, event.trace_id);
  return json + "}";
}

// What has no id or source (heartbeats by PUT) gets them: an event needs both to be sent.
std::string Line(const Event& event, UnixMillis received, std::size_t number) {
  std::string json = R"({"specversion":"1.0","type":")";
  json += fmt::format("{}{}\",\"time\":\"{}\",\"source\":", kTypePrefix, event.type->name,
                      Rfc3339(std::min(event.time, received)));
  AppendJsonString(json, event.source.empty() ? "fleet_exporter" : event.source);
  json += ",\"id\":";
  AppendJsonString(json, event.id.empty() ? fmt::format("stored-{}-{}", received.value, number) : event.id);
  return json + ",\"data\":" + Data(event) + "}";
}

}  // namespace

std::string StoreFileIn(const std::string& folder) {
  return (std::filesystem::path(folder) / "fleet.db").string();
}

std::string StoreReport::Print(std::string_view path) const {
  std::string text = fmt::format("{}: cannot be opened\n", path);
  if (opened) {
    text = fmt::format(
        "{}: {} bytes\n  snapshot  {} bytes\n  journal   {} bytes, {} entries, {} events\n"
        "  ids       {} beside the journal\n",
        path, size_bytes, snapshot_bytes, journal_bytes, entries, events, ids);
  }
  for (const std::string& problem : problems) text += fmt::format("  problem   {}\n", problem);
  return text + (problems.empty() ? "  ok\n" : "");
}

tl::expected<StoreReport, FileFailure> CheckStore(const std::string& path) {
  StoreReport report;
  auto file = StoreFile::Open(path, Database::Access::kRead);
  if (!file) {
    if (!file.error().damaged) return tl::make_unexpected(file.error());
    report.problems.push_back(file.error().message);
    return report;
  }
  report.opened = true;
  report.size_bytes = (*file)->SizeBytes();
  report.snapshot_bytes = (*file)->snapshot_bytes();
  report.journal_bytes = (*file)->journal_bytes();
  const auto problems = (*file)->FindProblems();
  report.problems = problems ? *problems : std::vector{problems.error().message};
  if (report.problems.empty()) CountRows(**file, report);
  return report;
}

Result<void> LoadStore(const std::string& path, Fleet& fleet) {
  const auto file = OpenToRead(path);
  if (!file) return tl::make_unexpected(file.error());
  SeenIds seen(static_cast<std::size_t>(-1), std::chrono::hours(24 * 365), (*file)->seed());
  const auto replayed = Replay(**file, fleet, seen);
  if (!replayed) return tl::make_unexpected(replayed.error());
  return {};
}

Result<void> ListEvents(const std::string& path, const std::function<void(std::string_view line)>& write) {
  const auto file = OpenToRead(path);
  if (!file) return tl::make_unexpected(file.error());
  std::size_t number = 0;
  const auto print_event = [&](const Event& event, UnixMillis received) {
    write(Line(event, received, ++number));
  };
  const JournalReader print{[](UnixMillis) {}, print_event, [](const FleetLimits&) {}};
  std::size_t unknown = 0;
  return (*file)->Read({[](const KeptId&) {}, [](std::string_view) { return Result<void>(); },
                        [&](std::string_view entry, std::string_view words) -> Result<void> {
                          if (ReadEntry(entry, Vocabulary::Parse(words), print, unknown)) return {};
                          return Fail(fmt::format("{}: an entry of the journal is unreadable", path));
                        }});
}

}  // namespace fleet
