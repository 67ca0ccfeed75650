// An index of things kept elsewhere: hash -> position in some array of the caller, who compares the
// things themselves. Eight bytes a slot, open addressing, no tombstones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fleet {

class HashIndex {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  std::size_t size() const { return size_; }

  // The position for which `is_it(position)` holds among those put in with this hash, or kNone.
  template <typename IsIt>
  std::uint32_t Find(std::uint64_t hash, IsIt is_it) const {
    const std::size_t slot = FindSlot(hash, is_it);
    return slot == kNoSlot ? kNone : slots_[slot].position;
  }

  // Begins to load what Find will look at, for those who have other things to do meanwhile.
  void Prefetch(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[Tag(hash) & Mask()]);
  }

  // REQUIRES: not there yet.
  void Insert(std::uint64_t hash, std::uint32_t position) {
    if ((size_ + 1) * 8 > slots_.size() * 5) Grow();
    Place({Tag(hash), position});
    ++size_;
  }

  // REQUIRES: there.
  void Erase(std::uint64_t hash, std::uint32_t position) {
    const std::size_t slot = SlotOf(hash, position);
    if (slot == kNoSlot) return;
    --size_;
    CloseGap(slot);
  }

  // The thing moved in the caller's array.
  void Move(std::uint64_t hash, std::uint32_t from, std::uint32_t to) {
    const std::size_t slot = SlotOf(hash, from);
    if (slot != kNoSlot) slots_[slot].position = to;
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t position = kNone;
  };
  static constexpr std::size_t kNoSlot = static_cast<std::size_t>(-1);
  static constexpr std::size_t kFirstSize = 16;

  static std::uint32_t Tag(std::uint64_t hash) { return static_cast<std::uint32_t>(hash ^ (hash >> 32U)); }
  std::size_t Mask() const { return slots_.size() - 1; }

  template <typename IsIt>
  std::size_t FindSlot(std::uint64_t hash, IsIt is_it) const {
    if (slots_.empty()) return kNoSlot;
    const std::uint32_t tag = Tag(hash);
    for (std::size_t i = tag & Mask();; i = (i + 1) & Mask()) {
      const Slot& slot = slots_[i];
      if (slot.position == kNone) return kNoSlot;
      if (slot.tag == tag && is_it(slot.position)) return i;
    }
  }

  std::size_t SlotOf(std::uint64_t hash, std::uint32_t position) const {
    return FindSlot(hash, [position](std::uint32_t candidate) { return candidate == position; });
  }

  void Place(Slot slot) {
    std::size_t i = slot.tag & Mask();
    while (slots_[i].position != kNone) i = (i + 1) & Mask();
    slots_[i] = slot;
  }

  void Grow() {
    std::vector<Slot> old(slots_.empty() ? kFirstSize : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.position != kNone) Place(slot);
    }
  }

  // Moves back what was pushed past the gap (Knuth, TAOCP 6.4, algorithm R).
  void CloseGap(std::size_t gap) {
    for (std::size_t i = (gap + 1) & Mask(); slots_[i].position != kNone; i = (i + 1) & Mask()) {
      const std::size_t home = slots_[i].tag & Mask();
      if (((i - home) & Mask()) < ((i - gap) & Mask())) continue;
      slots_[gap] = slots_[i];
      gap = i;
    }
    slots_[gap] = Slot{};
  }

  std::vector<Slot> slots_;  // a power of two
  std::size_t size_ = 0;
};

}  // namespace fleet
