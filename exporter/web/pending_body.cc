#include "exporter/web/pending_body.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "lib/base/text.h"

namespace fleet {
namespace {

bool StartsWithName(std::string_view line, std::string_view name) {
  return EqualsIgnoringCase(line.substr(0, name.size()), name);
}

}  // namespace

PendingBody::PendingBody(std::string_view head, std::size_t room) : room_(room) {
  while (!head.empty()) {
    const std::size_t end = head.find('\n');
    TakeLine(head.substr(0, end));
    head.remove_prefix(std::min(end, head.size() - 1) + 1);
  }
}

void PendingBody::TakeLine(std::string_view line) {
  constexpr std::string_view kLength = "content-length:";
  if (StartsWithName(line, "expect:")) expects_ = true;
  if (StartsWithName(line, "transfer-encoding:")) chunks_.emplace(room_);
  if (!StartsWithName(line, kLength)) return;
  const std::string_view digits = Trim(line.substr(kLength.size()));
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  // What is no length is refused by whoever reads the head.
  if (error == std::errc() && end == digits.data() + digits.size()) length_ = length;
}

PendingBody::State PendingBody::Look(std::string_view body) {
  if (chunks_ && length_) return State::kWhole;
  const bool has_body = chunks_ || length_.value_or(0) > 0;
  if (has_body && expects_) return State::kLarge;
  if (!chunks_) {
    if (length_.value_or(0) > room_) return State::kLarge;
    return body.size() >= length_.value_or(0) ? State::kWhole : State::kComing;
  }
  fed_ += chunks_->Take(body.substr(fed_));
  switch (chunks_->state()) {
    case ChunkedBody::State::kIncomplete:
      return body.size() >= room_ ? State::kLarge : State::kComing;
    case ChunkedBody::State::kTooLarge:
      return State::kLarge;
    case ChunkedBody::State::kComplete:
    case ChunkedBody::State::kMalformed:
      break;
  }
  return State::kWhole;
}

}  // namespace fleet
