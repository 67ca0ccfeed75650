// https://www.sqlite.org/fileformat2.html#the_write_ahead_log
#include "exporter/store/wal.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string_view>

namespace fleet {
namespace {

constexpr std::size_t kHeaderBytes = 32, kFrameHeaderBytes = 24, kSaltBytes = 8;
// Its last bit says that checksums read their words with the first byte as the highest.
constexpr std::uint32_t kMagic = 0x377f0682;
constexpr std::uint32_t kUsualPageBytes = 4096, kLargestPageBytes = 65536;

std::uint32_t Word(const char* bytes, bool big_endian) {
  static_assert(std::endian::native == std::endian::little);
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return big_endian ? __builtin_bswap32(word) : word;
}

// Everything in the log outside the words of checksums has its first byte as the highest.
std::uint32_t Number(std::string_view bytes, std::size_t at) { return Word(bytes.data() + at, true); }

struct Sum {
  std::uint32_t first = 0, second = 0;
  friend bool operator==(const Sum&, const Sum&) = default;
};

Sum SumAt(std::string_view bytes, std::size_t at) { return {Number(bytes, at), Number(bytes, at + 4)}; }

Sum Extend(Sum sum, std::string_view bytes, bool big_endian) {
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    sum.first += Word(bytes.data() + at, big_endian) + sum.second;
    sum.second += Word(bytes.data() + at + 4, big_endian) + sum.first;
  }
  return sum;
}

bool LosesTransactions(std::istream& log, const std::string& header) {
  bool big_endian = (Number(header, 0) & 1U) != 0;
  Sum before = SumAt(header, 24);
  const std::uint32_t page = Number(header, 8);
  const bool whole = (Number(header, 0) | 1U) == (kMagic | 1U) && page <= kLargestPageBytes &&
                     before == Extend({}, std::string_view(header).substr(0, 24), big_endian);
  if (!whole) big_endian = false;  // as SQLite writes here
  // Salts are those of the header; frames with others are left from before the log was begun anew.
  std::string salts = whole ? header.substr(16, kSaltBytes) : "";
  bool ended = !whole;
  int transactions = 0;
  std::string frame(kFrameHeaderBytes + (whole ? page : kUsualPageBytes), '\0');
  while (log.read(frame.data(), static_cast<std::streamsize>(frame.size()))) {
    const std::string_view view = frame;
    if (salts.empty()) salts = view.substr(8, kSaltBytes);
    const Sum sum =
        Extend(Extend(before, view.substr(0, 8), big_endian), view.substr(kFrameHeaderBytes), big_endian);
    before = SumAt(view, 16);
    if (view.substr(8, kSaltBytes) != salts || sum != before) {
      ended = true;
      transactions = 0;  // only frames that follow each other count
    } else if (ended && Number(view, 4) != 0 && ++transactions == 2) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool LosesTransactions(const std::string& database) {
  std::ifstream log(database + "-wal", std::ios::binary);
  std::string header(kHeaderBytes, '\0'), header_now(kHeaderBytes, '\0');
  if (!log.read(header.data(), kHeaderBytes) || !LosesTransactions(log, header)) return false;
  log.seekg(0);
  return log.read(header_now.data(), kHeaderBytes) && header_now == header;
}

}  // namespace fleet
