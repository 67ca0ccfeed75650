#include "exporter/exposition/gzip.h"

#include <zlib.h>

#include <catch2/catch.hpp>
#include <string>

namespace fleet {
namespace {

// By zlib, from one member with nothing behind it, as the strictest client reads.
std::string ReadOneMember(std::string_view compressed, std::size_t size) {
  std::string text(size + 1, '\0');
  z_stream z{};
  REQUIRE(inflateInit2(&z, 15 + 16) == Z_OK);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  z.avail_in = static_cast<uInt>(compressed.size());
  z.next_out = reinterpret_cast<Bytef*>(text.data());
  z.avail_out = static_cast<uInt>(text.size());
  CHECK(inflate(&z, Z_FINISH) == Z_STREAM_END);
  CHECK(z.avail_in == 0);
  text.resize(z.total_out);
  inflateEnd(&z);
  return text;
}

std::string Compress(const std::vector<std::string>& chunks) {
  std::string compressed;
  const ByteSink sink = [&](std::string_view bytes) { return compressed += bytes, true; };
  GzipStream stream(sink);
  for (const std::string& chunk : chunks) CHECK(stream.Write(chunk));
  CHECK(stream.Finish());
  return compressed;
}

std::string Noise(std::size_t size) {
  std::string text;
  std::uint32_t state = 7;
  while (text.size() < size) {
    state = state * 1664525U + 1013904223U;
    text += static_cast<char>(state >> 24U);
  }
  return text;
}

TEST_CASE("chunks become one gzip member") {
  const std::string noise = Noise(300'000);
  CHECK(ReadOneMember(Compress({"first ", "", "second"}), 12) == "first second");
  CHECK(ReadOneMember(Compress({}), 0) == "");
  CHECK(ReadOneMember(Compress({noise, noise, "end"}), 600'003) == noise + noise + "end");
  const std::string repetitive(1'000'000, 'a');
  const std::string compressed = Compress({repetitive});
  CHECK(compressed.size() < 10'000);
  CHECK(ReadOneMember(compressed, repetitive.size()) == repetitive);
}

TEST_CASE("compressing ends when the receiver is gone") {
  const ByteSink gone = [](std::string_view) { return false; };
  GzipStream stream(gone);
  CHECK_FALSE(stream.Write(Noise(300'000)));
  CHECK_FALSE(GzipStream(gone).Finish());
}

TEST_CASE("a body is expanded up to its limit and not a byte further") {
  const std::string compressed = Compress({std::string(100'000, 'a')});
  CHECK(Gunzip(compressed, 100'000).text == std::string(100'000, 'a'));
  CHECK(Gunzip(compressed, 1'000'000).text.size() == 100'000);
  CHECK(Gunzip(compressed, 99'999).error == GunzipError::kTooLarge);
  CHECK(Gunzip(compressed, 0).error == GunzipError::kTooLarge);
  CHECK(Gunzip(Compress({}), 0).text == "");
  CHECK(Gunzip(Compress({std::string(1U << 26U, '\0')}), 1U << 20U).error == GunzipError::kTooLarge);
}

TEST_CASE("concatenated members are read, broken ones refused") {
  const std::string a = Compress({"a"}), b = Compress({"b"});
  CHECK(Gunzip(a + b, 2).text == "ab");
  CHECK(Gunzip(a + "rubbish", 10).error == GunzipError::kMalformed);
  CHECK(Gunzip(a.substr(0, a.size() - 1), 10).error == GunzipError::kMalformed);
  CHECK(Gunzip("", 10).error == GunzipError::kMalformed);
  CHECK(Gunzip("plain text", 10).error == GunzipError::kMalformed);
  std::string wrong = a;
  wrong[wrong.size() - 6] ^= 1;  // a byte of the CRC
  CHECK(Gunzip(wrong, 10).error == GunzipError::kMalformed);
}

}  // namespace
}  // namespace fleet
