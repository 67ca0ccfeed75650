// The values an open label has taken: text <-> a small id, up to a bound, then "other".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/fleet/archive.h"
#include "lib/base/hash_index.h"

namespace fleet {

class LabelSpace {
 public:
  static constexpr std::size_t kUnbounded = static_cast<std::size_t>(-1);

  struct Interned {
    std::uint32_t id = 0;
    bool is_new = false;
  };

  LabelSpace(std::size_t bound, std::uint64_t seed) : bound_(bound), seed_(seed) {}

  // The id of `text`, or of "other" when it is new and the bound is reached ("other" itself is free).
  Interned Intern(std::string_view text);
  // The id a text has, that of "other" when it got none for lack of room, or HashIndex::kNone.
  std::uint32_t Lookup(std::string_view text) const;

  // Ids are below it.
  std::size_t size() const { return values_.size(); }
  std::string_view Text(std::uint32_t id) const { return values_[id].text; }

  // Series that carry the value. One that nothing carries any more is forgotten, and its id reused.
  void Retain(std::uint32_t id) { ++values_[id].uses; }
  void Release(std::uint32_t id);

  // All values with their ids; after Load they are used by no series yet.
  void Save(ArchiveWriter& archive) const;
  void Load(ArchiveReader& archive);

  // Times a value was replaced by "other".
  std::uint64_t folded() const { return folded_; }

 private:
  struct Value {
    std::string text;
    std::uint64_t hash = 0;
    std::uint32_t uses = 0;
  };

  std::uint32_t Find(std::string_view text, std::uint64_t hash) const;
  std::uint32_t Add(std::string_view text, std::uint64_t hash);

  std::size_t bound_;
  std::uint64_t seed_;
  std::vector<Value> values_;  // by id
  std::vector<std::uint32_t> free_;
  HashIndex index_;
  std::uint64_t folded_ = 0;
};

}  // namespace fleet
