// What a restart reads. First byte even: an entry of the journal. Odd: the snapshot that the fleet of an
// entry is saved as, with bytes of it changed. Checksums stand before both, so these are the bytes of a file
// that somebody made on purpose, or of another version. They may be refused; whatever they give is a fleet
// that can be shown, and that of an entry can be saved and read again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "exporter/fleet/fleet.h"
#include "exporter/store/journal_codec.h"

namespace {

constexpr fleet::UnixMillis kNow{1'790'000'000'000};

std::unique_ptr<fleet::Fleet> NewFleet() {
  fleet::FleetLimits limits;
  limits.max_entities = 100;
  return std::make_unique<fleet::Fleet>("fleet", limits);
}

void Show(fleet::Fleet& state) {
  fleet::Snapshot snapshot;
  state.Collect(kNow, snapshot);
}

// Null when the entry is refused.
std::unique_ptr<fleet::Fleet> Replayed(std::string_view entry) {
  static const auto kVocabulary = fleet::Vocabulary::Parse(fleet::Vocabulary::Print());
  auto state = NewFleet();
  std::size_t unknown = 0;
  const fleet::JournalReader reader{
      [&](fleet::UnixMillis advanced) {
        if (advanced > state->advanced()) state->Advance(advanced);
      },
      [&](const fleet::Event& event, fleet::UnixMillis received) { state->Apply(event, received); },
      [&](const fleet::FleetLimits& limits) { state->SetLimits(limits); }};
  return ReadEntry(entry, kVocabulary, reader, unknown) ? std::move(state) : nullptr;
}

void CheckEntry(std::string_view entry) {
  const auto state = Replayed(entry);
  if (!state) return;
  Show(*state);
  const auto again = NewFleet();
  const auto lost = again->Load(state->Save());
  if (!lost || !lost->empty() || again->Save() != state->Save()) std::abort();
  Show(*again);
}

// A number of changes, each two bytes of place and one of value, then the entry.
void CheckSnapshot(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t changes = std::min<std::size_t>(bytes.front() & 15, (bytes.size() - 1) / 3);
  const auto state = Replayed(bytes.substr(1 + 3 * changes));
  if (!state) return;
  std::string saved = state->Save();
  for (std::size_t i = 0; i < changes; ++i) {
    const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(bytes[1 + 3 * i + k]); };
    saved[(byte(0) * 256U + byte(1)) % saved.size()] = bytes[1 + 3 * i + 2];
  }
  const auto again = NewFleet();
  if (again->Load(saved)) Show(*again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if ((data[0] & 1U) == 0) {
    CheckEntry(bytes.substr(1));
  } else {
    CheckSnapshot(bytes.substr(1));
  }
  return 0;
}
