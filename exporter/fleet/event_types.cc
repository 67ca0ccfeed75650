#include "exporter/fleet/event_types.h"

#include "lib/base/hash.h"
#include "lib/base/hash_index.h"

namespace fleet {
namespace {

// Finds a row by its name; rows live as long as the program.
template <typename Row>
class NameIndex {
 public:
  explicit NameIndex(std::span<const Row> rows) : rows_(rows) {
    for (std::uint32_t i = 0; i < rows.size(); ++i) index_.Insert(Hash(rows[i].name), i);
  }
  const Row* Find(std::string_view name) const {
    const std::uint32_t i =
        index_.Find(Hash(name), [&](std::uint32_t row) { return rows_[row].name == name; });
    return i == HashIndex::kNone ? nullptr : &rows_[i];
  }

 private:
  std::span<const Row> rows_;
  HashIndex index_;
};

}  // namespace

std::span<const EventType> EventTypes() { return kEventTypes; }

const EventType* FindEventType(std::string_view name) {
  static const NameIndex<EventType> index(kEventTypes);
  return index.Find(name);
}

const FieldDef* FindField(std::string_view name) {
  static const NameIndex<FieldDef> index(kFields);
  return index.Find(name);
}

}  // namespace fleet
