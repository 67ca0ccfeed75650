#include "exporter/exposition/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace fleet {
namespace {

constexpr int kGzipWindow = 15 + 16;  // 32 KiB window, gzip framing (zlib.h, deflateInit2)

// zlib never writes through next_in; its type says otherwise unless ZLIB_CONST is defined.
Bytef* Input(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // NOLINT
}

}  // namespace

struct GzipStream::Deflater {
  z_stream z{};

  Deflater() {
    // Measured on pages of 100,000 series: as fast as level 1, 13 % smaller, 17 % larger than level 6
    // and more than twice as fast.
    constexpr int kLevel = 2;
    constexpr int kMemoryLevel = 8;
    if (deflateInit2(&z, kLevel, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();  // the only way it fails with these arguments
    }
  }
  ~Deflater() { deflateEnd(&z); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
};

GzipStream::GzipStream(const ByteSink& sink)
    : sink_(&sink), deflater_(std::make_unique<Deflater>()), out_(64U << 10U, '\0') {
  deflater_->z.next_out = reinterpret_cast<Bytef*>(out_.data());
  deflater_->z.avail_out = static_cast<uInt>(out_.size());
}

GzipStream::~GzipStream() = default;

// Deflates what is in next_in, handing over the output whenever it is full, and at the end.
bool GzipStream::Run(int flush) {
  z_stream& z = deflater_->z;
  for (;;) {
    const int status = deflate(&z, flush);
    const bool done = flush == Z_FINISH ? status == Z_STREAM_END : z.avail_in == 0 && z.avail_out > 0;
    if (z.avail_out == 0 || status == Z_STREAM_END) {
      if (!(*sink_)(std::string_view(out_).substr(0, out_.size() - z.avail_out))) return false;
      z.next_out = reinterpret_cast<Bytef*>(out_.data());
      z.avail_out = static_cast<uInt>(out_.size());
    }
    if (done) return true;
  }
}

bool GzipStream::Write(std::string_view bytes) {
  deflater_->z.next_in = Input(bytes);
  deflater_->z.avail_in = static_cast<uInt>(bytes.size());
  return Run(Z_NO_FLUSH);
}

bool GzipStream::Finish() {
  deflater_->z.next_in = nullptr;
  deflater_->z.avail_in = 0;
  return Run(Z_FINISH);
}

namespace {

struct Inflater {
  z_stream z{};

  Inflater() {
    if (inflateInit2(&z, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&z); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

// Room for the next piece; one byte beyond the limit shows that there is more than allowed.
void Grow(std::string& text, z_stream& z, std::size_t limit) {
  const std::size_t filled = text.size() - z.avail_out;
  const std::size_t size = std::min(std::max<std::size_t>(text.size() * 2, 16U << 10U), limit + 1);
  text.resize(size);
  z.next_out = reinterpret_cast<Bytef*>(text.data() + filled);
  z.avail_out = static_cast<uInt>(size - filled);
}

}  // namespace

Gunzipped Gunzip(std::string_view compressed, std::size_t limit) {
  Inflater inflater;
  z_stream& z = inflater.z;
  z.next_in = Input(compressed);
  z.avail_in = static_cast<uInt>(compressed.size());
  Gunzipped result;
  for (;;) {
    if (z.avail_out == 0) {
      if (result.text.size() > limit) return {{}, GunzipError::kTooLarge};
      Grow(result.text, z, limit);
    }
    const int status = inflate(&z, Z_NO_FLUSH);
    if (status == Z_STREAM_END && z.avail_in == 0) break;
    if (status == Z_STREAM_END) {
      inflateReset(&z);
    } else if (status != Z_OK) {
      return {{}, GunzipError::kMalformed};
    }
  }
  result.text.resize(result.text.size() - z.avail_out);
  if (result.text.size() > limit) return {{}, GunzipError::kTooLarge};
  return result;
}

}  // namespace fleet
