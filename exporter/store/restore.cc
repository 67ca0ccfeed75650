#include "exporter/store/restore.h"

#include <fmt/format.h>

#include <utility>

#include "exporter/store/journal_codec.h"

namespace fleet {
namespace {

// Vocabularies change with the version only: mostly it is the one of the last entry.
class Vocabularies {
 public:
  const Vocabulary& Of(std::string_view words) {
    if (words != words_) {
      words_ = words;
      vocabulary_ = Vocabulary::Parse(words);
    }
    return vocabulary_;
  }

 private:
  std::string words_;
  Vocabulary vocabulary_;
};

tl::unexpected<Error> Unreadable(const StoreFile& file) {
  return Fail(fmt::format("{}: an entry of the journal is unreadable", file.path()));
}

}  // namespace

Result<void> Verify(StoreFile& file) {
  Vocabularies vocabularies;
  std::size_t unknown = 0;
  const JournalReader nobody{[](UnixMillis) {}, [](const Event&, UnixMillis) {}, [](const FleetLimits&) {}};
  return file.Read({[](const KeptId&) {}, [](std::string_view) { return Result<void>(); },
                    [&](std::string_view entry, std::string_view words) -> Result<void> {
                      if (!ReadEntry(entry, vocabularies.Of(words), nobody, unknown)) return Unreadable(file);
                      return {};
                    }});
}

Result<Replayed> Replay(StoreFile& file, Fleet& fleet, SeenIds& seen) {
  Replayed replayed;
  Vocabularies vocabularies;
  JournalReader repeat;
  repeat.advance = [&](UnixMillis advanced) {
    if (advanced > fleet.advanced()) fleet.Advance(advanced);
  };
  repeat.set_limits = [&](const FleetLimits& limits) { fleet.SetLimits(limits); };
  repeat.apply = [&](const Event& event, UnixMillis received) {
    // A write that was reported as failed may be there all the same, and again from the next try.
    const SeenId id = event.id.empty() ? SeenId{} : seen.IdOf(event);
    if (!event.id.empty() && !seen.Restore(id, received)) return;
    ++replayed.events;
    const bool refused = fleet.Apply(event, received).has_value();
    if (event.id.empty()) return;
    if (refused) {
      seen.Release(id);
    } else {
      replayed.recent.push_back({id, received});
    }
  };
  StoreFile::Reader reader;
  reader.seen = [&](const KeptId& kept) { seen.Restore(kept.id, kept.at); };
  reader.snapshot = [&](std::string_view bytes) -> Result<void> {
    auto lost = fleet.Load(bytes);
    if (!lost) return tl::make_unexpected(lost.error().Within(file.path()));
    replayed.lost = *std::move(lost);
    return {};
  };
  reader.entry = [&](std::string_view entry, std::string_view words) -> Result<void> {
    ++replayed.entries;
    if (ReadEntry(entry, vocabularies.Of(words), repeat, replayed.unknown_events)) return {};
    return Unreadable(file);
  };
  if (const auto read = file.Read(reader); !read) return tl::make_unexpected(read.error());
  replayed.ids = seen.size();
  return replayed;
}

}  // namespace fleet
