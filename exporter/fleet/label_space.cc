#include "exporter/fleet/label_space.h"

#include "lib/base/hash.h"

namespace fleet {
namespace {

constexpr std::string_view kOther = "other";

}  // namespace

LabelSpace::Interned LabelSpace::Intern(std::string_view text) {
  std::uint64_t hash = Hash(text, seed_);
  std::uint32_t id = Find(text, hash);
  if (id != HashIndex::kNone) return {id, false};
  if (index_.size() >= bound_ && text != kOther) {
    ++folded_;
    text = kOther;
    hash = Hash(text, seed_);
    id = Find(text, hash);
    if (id != HashIndex::kNone) return {id, false};
  }
  return {Add(text, hash), true};
}

std::uint32_t LabelSpace::Lookup(std::string_view text) const {
  const std::uint32_t id = Find(text, Hash(text, seed_));
  if (id != HashIndex::kNone || index_.size() < bound_) return id;
  return Find(kOther, Hash(kOther, seed_));
}

void LabelSpace::Release(std::uint32_t id) {
  Value& value = values_[id];
  if (--value.uses > 0) return;
  index_.Erase(value.hash, id);
  value = Value{};
  free_.push_back(id);
}

void LabelSpace::Save(ArchiveWriter& archive) const {
  std::vector<bool> is_free(values_.size(), false);
  for (const std::uint32_t id : free_) is_free[id] = true;
  archive.PutCount(folded_);
  archive.PutCount(values_.size());
  for (std::size_t id = 0; id < values_.size(); ++id) {
    archive.PutCount(is_free[id] ? 0 : 1);
    if (!is_free[id]) archive.PutText(values_[id].text);
  }
}

// Whatever the bound is now: what is there keeps its place.
void LabelSpace::Load(ArchiveReader& archive) {
  values_.clear();
  free_.clear();
  index_ = HashIndex();
  folded_ = archive.GetCount();
  const std::size_t size = archive.GetSize();
  for (std::uint32_t id = 0; id < size; ++id) {
    values_.emplace_back();
    if (archive.GetCount() == 0) {
      free_.push_back(id);
      continue;
    }
    const std::string_view text = archive.GetText();
    const std::uint64_t hash = Hash(text, seed_);
    values_[id] = Value{std::string(text), hash, 0};
    index_.Insert(hash, id);
  }
}

std::uint32_t LabelSpace::Find(std::string_view text, std::uint64_t hash) const {
  return index_.Find(hash, [&](std::uint32_t id) { return values_[id].text == text; });
}

std::uint32_t LabelSpace::Add(std::string_view text, std::uint64_t hash) {
  std::uint32_t id = 0;
  if (free_.empty()) {
    id = static_cast<std::uint32_t>(values_.size());
    values_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  values_[id] = Value{std::string(text), hash, 0};
  index_.Insert(hash, id);
  return id;
}

}  // namespace fleet
