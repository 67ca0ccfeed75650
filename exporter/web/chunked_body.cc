#include "exporter/web/chunked_body.h"

#include <algorithm>

#include "lib/base/text.h"

namespace fleet {
namespace {

// A chunk size with 7 digits is 256 MiB; extensions and trailers are of no use to us.
constexpr int kMostDigits = 7;
constexpr std::size_t kMostOverhead = 256;
// Of a body cut into chunks of a byte each, at most that much is not body.
constexpr std::size_t kMostOverheadRatio = 16;

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::size_t ChunkedBody::Take(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && state_ == State::kIncomplete) {
    if (part_ == Part::kData) {
      const std::size_t size = std::min(left_, bytes.size() - taken);
      text_.append(bytes.substr(taken, size));
      taken += size;
      left_ -= size;
      if (left_ == 0) part_ = Part::kDataReturn;
    } else {
      TakeByte(bytes[taken++]);
      const bool wasteful = ++overhead_ > kMostOverhead + text_.size() * kMostOverheadRatio;
      if (wasteful && state_ == State::kIncomplete) Fail();
    }
  }
  return taken;
}

void ChunkedBody::TakeByte(char c) {
  switch (part_) {
    case Part::kSize:
      return TakeSizeDigit(c);
    case Part::kExtension:
      if (c == '\r') part_ = Part::kSizeEnd;
      if (c == '\n' || c == '\0') Fail();
      return;
    case Part::kSizeEnd:
      return c == '\n' ? EndSize() : Fail();
    case Part::kDataReturn:
      return Expect(c, '\r', Part::kDataEnd);
    case Part::kDataEnd:
      return Expect(c, '\n', Part::kSize);
    case Part::kTrailer:
      if (c == '\r') {
        part_ = trailer_line_empty_ ? Part::kLastEnd : Part::kTrailerEnd;
      } else if (c == '\n' || c == '\0') {
        Fail();
      } else {
        trailer_line_empty_ = false;
      }
      return;
    case Part::kTrailerEnd:
      trailer_line_empty_ = true;
      return Expect(c, '\n', Part::kTrailer);
    case Part::kLastEnd:
      if (c != '\n') return Fail();
      state_ = State::kComplete;
      return;
    case Part::kData:
      return;  // taken in one piece
  }
}

void ChunkedBody::TakeSizeDigit(char c) {
  const int value = HexValue(c);
  if (value >= 0) {
    if (++digits_ > kMostDigits) return Fail();
    size_ = size_ * 16 + static_cast<std::size_t>(value);
    return;
  }
  if (digits_ == 0 || (c != '\r' && c != ';')) return Fail();
  part_ = c == '\r' ? Part::kSizeEnd : Part::kExtension;
}

void ChunkedBody::EndSize() {
  digits_ = 0;
  left_ = size_;
  size_ = 0;
  if (left_ == 0) {
    part_ = Part::kTrailer;
    trailer_line_empty_ = true;
  } else if (left_ > limit_ - text_.size()) {
    state_ = State::kTooLarge;
  } else {
    part_ = Part::kData;
  }
}

void ChunkedBody::Expect(char c, char wanted, Part next) {
  if (c != wanted) return Fail();
  part_ = next;
}

}  // namespace fleet
