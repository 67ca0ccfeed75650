#include "lib/base/hash_index.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "lib/base/hash.h"

using fleet::Hash;
using fleet::HashIndex;

TEST_CASE("hashes differ by every byte, by length and by seed") {
  std::set<std::uint64_t> hashes;
  std::string text;
  for (int length = 0; length < 70; ++length) {
    hashes.insert(Hash(text));
    for (std::size_t i = 0; i < text.size(); ++i) {
      std::string other = text;
      other[i] = 'b';
      hashes.insert(Hash(other));
    }
    text += 'a';
  }
  CHECK(hashes.size() == 70 + 70 * 69 / 2);
  CHECK(Hash("x", 1) != Hash("x", 2));
}

TEST_CASE("an index finds what was put in and not taken out, however hashes collide") {
  std::mt19937 random(3);
  HashIndex index;
  std::map<std::uint32_t, std::uint64_t> expected;  // position -> hash
  for (int step = 0; step < 20000; ++step) {
    const auto position = static_cast<std::uint32_t>(random() % 500);
    const auto it = expected.find(position);
    if (it == expected.end()) {
      const std::uint64_t hash = random() % 64;  // many share a hash
      index.Insert(hash, position);
      expected[position] = hash;
    } else if (random() % 4 == 0) {
      const std::uint32_t moved = position + 1000 * (1 + static_cast<std::uint32_t>(step));
      index.Move(it->second, position, moved);
      index.Move(it->second, moved, position);
    } else {
      index.Erase(it->second, position);
      expected.erase(it);
    }
    REQUIRE(index.size() == expected.size());
    const auto probe = static_cast<std::uint32_t>(random() % 500);
    const auto is_probe = [probe](std::uint32_t candidate) { return candidate == probe; };
    const auto found = expected.find(probe);
    const std::uint64_t hash = found == expected.end() ? random() % 64 : found->second;
    REQUIRE(index.Find(hash, is_probe) == (found == expected.end() ? HashIndex::kNone : probe));
  }
}
