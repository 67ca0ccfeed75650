// A fast 64-bit hash for tables in memory. Not for anything stored or sent: it may change.
//
// Multiply and fold, as in wyhash. With a secret seed nobody outside can choose texts that collide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>

namespace fleet {

namespace hash_internal {

__extension__ using Wide = unsigned __int128;

inline std::uint64_t Fold(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

template <typename Integer>
std::uint64_t Load(const char* bytes) {
  Integer value = 0;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

// The last `size` (0 to 16) bytes as two words.
inline void LoadTail(const char* bytes, std::size_t size, std::uint64_t& a, std::uint64_t& b) {
  if (size >= 8) {
    a = Load<std::uint64_t>(bytes);
    b = Load<std::uint64_t>(bytes + size - 8);
  } else if (size >= 4) {
    a = Load<std::uint32_t>(bytes);
    b = Load<std::uint32_t>(bytes + size - 4);
  } else if (size > 0) {
    a = static_cast<unsigned char>(bytes[0]);
    b = Load<std::uint8_t>(bytes + size / 2) << 8U | Load<std::uint8_t>(bytes + size - 1);
  }
}

}  // namespace hash_internal

inline std::uint64_t Hash(std::string_view text, std::uint64_t seed = 0) {
  using hash_internal::Fold;
  constexpr std::uint64_t kA = 0xa0761d6478bd642fULL;
  constexpr std::uint64_t kB = 0xe7037ed1a0b428dbULL;
  const char* bytes = text.data();
  std::size_t left = text.size();
  std::uint64_t state = seed ^ kA;
  while (left > 16) {
    state = Fold(hash_internal::Load<std::uint64_t>(bytes) ^ kB,
                 hash_internal::Load<std::uint64_t>(bytes + 8) ^ state);
    bytes += 16;
    left -= 16;
  }
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  hash_internal::LoadTail(bytes, left, a, b);
  return Fold(kB ^ text.size(), Fold(a ^ kB, b ^ state));
}

// For tables whose keys come from outside: another one in every process, the same all its life.
inline std::uint64_t SecretSeed() {
  static const std::uint64_t seed = [] {
    std::random_device device;
    return static_cast<std::uint64_t>(device()) << 32U | device();
  }();
  return seed;
}

}  // namespace fleet
