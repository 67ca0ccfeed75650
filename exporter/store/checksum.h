// A checksum of what is stored, to notice bits that have changed. It may never change itself.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace fleet {

// Eight bytes a step, little-endian; every bit of the text moves about half of the result's (the
// finaliser is that of MurmurHash3).
inline std::int64_t Checksum(std::string_view bytes) {
  static_assert(std::endian::native == std::endian::little, "files would differ between machines");
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15ULL;
  std::uint64_t sum = bytes.size() * kOdd + 1;
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = bytes.size() < 8 ? bytes.size() : 8;
    std::memcpy(&word, bytes.data(), size);
    bytes.remove_prefix(size);
    sum = std::rotl((sum ^ word) * kOdd, 31);
  }
  sum = (sum ^ sum >> 33U) * 0xff51afd7ed558ccdULL;
  sum = (sum ^ sum >> 33U) * 0xc4ceb9fe1a85ec53ULL;
  return static_cast<std::int64_t>(sum ^ sum >> 33U);
}

}  // namespace fleet
