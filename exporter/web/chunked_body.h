// The chunked transfer coding (RFC 9112, section 7.1), strictly: what two parties could read
// differently is malformed. CivetWeb's own reader takes what it should not.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fleet {

class ChunkedBody {
 public:
  enum class State { kIncomplete, kComplete, kTooLarge, kMalformed };

  // `limit`: of the body, in bytes. What is not body (sizes, line ends, trailers) is limited, too.
  explicit ChunkedBody(std::size_t limit) : limit_(limit) {}

  // Returns how many bytes were taken; the rest belongs to the next request, or nobody.
  std::size_t Take(std::string_view bytes);

  State state() const { return state_; }
  std::string& text() { return text_; }

 private:
  enum class Part {
    kSize,
    kExtension,
    kSizeEnd,
    kData,
    kDataReturn,
    kDataEnd,
    kTrailer,
    kTrailerEnd,
    kLastEnd
  };

  void TakeByte(char c);
  void TakeSizeDigit(char c);
  void EndSize();
  void Expect(char c, char wanted, Part next);
  void Fail() { state_ = State::kMalformed; }

  std::size_t limit_;
  State state_ = State::kIncomplete;
  Part part_ = Part::kSize;
  std::size_t size_ = 0;      // of the chunk
  int digits_ = 0;            // of the size
  std::size_t left_ = 0;      // of the chunk's data
  std::size_t overhead_ = 0;  // bytes that were no data since the last data
  bool trailer_line_empty_ = true;
  std::string text_;
};

}  // namespace fleet
