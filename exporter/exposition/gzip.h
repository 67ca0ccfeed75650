// gzip in both directions, bounded in memory.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/exposition/byte_sink.h"

namespace fleet {

// Compresses a stream of chunks into one gzip member with one deflate stream.
//
// zlib and not libdeflate, which is twice as fast: libdeflate compresses only whole buffers, so a page
// would have to be held in memory or be sent as a member for each chunk. Concatenated members are legal
// (RFC 1952, section 2.2) and Go reads them, but not everyone does: curl 7.88 prints the first member
// and fails with "Failed reading the chunked-encoded stream".
class GzipStream {
 public:
  explicit GzipStream(const ByteSink& sink);
  ~GzipStream();
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  // Both: false when the receiver is gone.
  bool Write(std::string_view bytes);
  bool Finish();

 private:
  struct Deflater;

  bool Run(int flush);

  const ByteSink* sink_;
  std::unique_ptr<Deflater> deflater_;
  std::string out_;
};

enum class GunzipError { kMalformed, kTooLarge };

struct Gunzipped {
  std::string text;
  std::optional<GunzipError> error;
};

// Expands a whole body, concatenated members too, but never beyond `limit` bytes: what a few bytes
// can expand to is the sender's choice.
Gunzipped Gunzip(std::string_view compressed, std::size_t limit);

}  // namespace fleet
