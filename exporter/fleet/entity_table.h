// Workers, runners, tasks and so on by id: dense in memory, so that a collection can look at all of
// them, and found by a hash of the id.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/fleet/archive.h"
#include "lib/base/hash.h"
#include "lib/base/hash_index.h"

namespace fleet {

// `scope` separates ids that are unique only within something (workers: within their type).
// Pointers and places are valid until the next Add or Remove.
template <typename Entity>
class EntityTable {
 public:
  struct Entry {
    std::string id;
    std::uint32_t scope = 0;
    Entity entity;
  };

  std::size_t size() const { return entries_.size(); }
  std::vector<Entry>& entries() { return entries_; }
  const std::vector<Entry>& entries() const { return entries_; }

  // Null when there is none.
  Entity* Find(std::string_view id, std::uint32_t scope = 0) {
    const std::uint32_t place = Place(id, scope);
    return place == HashIndex::kNone ? nullptr : &entries_[place].entity;
  }

  // REQUIRES: not there yet.
  Entity& Add(std::string_view id, std::uint32_t scope = 0) {
    index_.Insert(HashOf(id, scope), static_cast<std::uint32_t>(entries_.size()));
    entries_.push_back({std::string(id), scope, Entity{}});
    return entries_.back().entity;
  }

  void Remove(std::string_view id, std::uint32_t scope = 0) {
    const std::uint32_t place = Place(id, scope);
    if (place != HashIndex::kNone) RemoveAt(place);
  }

  // Removes all for which `is_gone(entry)` holds.
  template <typename IsGone>
  void RemoveIf(IsGone is_gone) {
    for (std::size_t place = entries_.size(); place-- > 0;) {
      if (is_gone(entries_[place])) RemoveAt(place);
    }
  }

  // Each entry is a text of its own: an entity may have got new fields since it was written.
  template <typename Archive>
  void Persist(Archive& archive) {
    if constexpr (Archive::kMode == ArchiveMode::kDescribe) {
      archive.template Entities<Entity>();
    } else if constexpr (Archive::kMode == ArchiveMode::kWrite) {
      Write(archive);
    } else {
      Read(archive);
    }
  }

 private:
  void Write(ArchiveWriter& archive) {
    archive.PutCount(entries_.size());
    ArchiveWriter text;
    for (Entry& entry : entries_) {
      text.Clear();
      text(entry.id, entry.scope, entry.entity);
      archive.PutText(text.bytes());
    }
  }

  void Read(ArchiveReader& archive) {
    for (std::size_t left = archive.GetSize(); left > 0 && !archive.failed(); --left) {
      ArchiveReader text(archive.GetText());
      Entry entry;
      text(entry.id, entry.scope, entry.entity);
      if (text.failed()) return archive.Fail();
      index_.Insert(HashOf(entry.id, entry.scope), static_cast<std::uint32_t>(entries_.size()));
      entries_.push_back(std::move(entry));
    }
  }

  std::uint64_t HashOf(std::string_view id, std::uint32_t scope) const { return Hash(id, seed_ + scope); }

  std::uint32_t Place(std::string_view id, std::uint32_t scope) const {
    return index_.Find(HashOf(id, scope), [&](std::uint32_t place) {
      return entries_[place].id == id && entries_[place].scope == scope;
    });
  }

  // The last one takes the place.
  void RemoveAt(std::size_t place) {
    const auto gone = static_cast<std::uint32_t>(place);
    index_.Erase(HashOf(entries_[place].id, entries_[place].scope), gone);
    const auto last = static_cast<std::uint32_t>(entries_.size() - 1);
    if (gone != last) {
      index_.Move(HashOf(entries_[last].id, entries_[last].scope), last, gone);
      entries_[place] = std::move(entries_[last]);
    }
    entries_.pop_back();
  }

  std::vector<Entry> entries_;
  HashIndex index_;
  std::uint64_t seed_ = SecretSeed();
};

}  // namespace fleet
