#include "lib/yaml/place.h"

#include <algorithm>

namespace fleet::yaml {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Walks the scalar's text and what is written side by side. They differ in white space, in escapes and in
// doubled quotes, and in nothing else (YAML 1.2, chapters 7.3 and 8.1).
class Aligner {
 public:
  Aligner(const Node& scalar, std::string_view written) : text_(scalar.text), written_(written) {
    at_ = scalar.span.begin;
    if (!scalar.quoted || at_ >= written.size()) return;
    const char first = written[at_];
    quote_ = first == '"' || first == '\'' ? first : '\0';
    if (quote_ != '\0') {
      ++at_;
    } else if (first == '|' || first == '>') {
      at_ = std::min(written.find('\n', at_), written.size());
    }
  }

  // The place of each byte of the text and of its end; empty when they do not match.
  std::vector<Span> Align() {
    std::vector<Span> places;
    while (places.size() < text_.size()) {
      if (quote_ == '"' && Written() == '\\' && !IsContinuation()) {
        TakeEscape(places);
        continue;
      }
      const char c = text_[places.size()];
      if (IsBlank(c)) {
        places.push_back({at_, at_ + (Written() == c ? 1U : 0U)});
        if (Written() == c) ++at_;
        continue;
      }
      SkipBlanks();
      if (quote_ == '"' && Written() == '\\') continue;
      if (Written() != c) return {};
      places.push_back({at_, at_ + 1});
      at_ += quote_ == '\'' && c == '\'' ? 2 : 1;
    }
    return places;
  }

 private:
  char Written(std::size_t ahead = 0) const {
    return at_ + ahead < written_.size() ? written_[at_ + ahead] : '\0';
  }
  // A backslash before the end of a line joins it with the next.
  bool IsContinuation() const { return Written(1) == '\n' || Written(1) == '\r'; }

  void SkipBlanks() {
    while (IsBlank(Written()) || (quote_ == '"' && Written() == '\\' && IsContinuation())) ++at_;
  }

  // \n is one byte of the text, \u00e9 the two of its UTF-8.
  void TakeEscape(std::vector<Span>& places) {
    const char kind = Written(1);
    const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    const Span place{at_, at_ + 2 + digits};
    at_ = place.end;
    do {
      places.push_back(place);
    } while (places.size() < text_.size() &&
             (static_cast<unsigned char>(text_[places.size()]) & 0xC0U) == 0x80U);
  }

  std::string_view text_;
  std::string_view written_;
  std::size_t at_ = 0;
  char quote_ = '\0';
};

}  // namespace

Span PlaceIn(const Node& scalar, Span part, const SourceText& source) {
  const std::vector<Span> places = Aligner(scalar, source.text()).Align();
  if (places.empty()) return scalar.span;
  const auto place = [&](std::size_t at) { return places[std::min(at, places.size() - 1)]; };
  if (part.begin >= places.size()) return {places.back().end, places.back().end};
  if (part.end <= part.begin) return {place(part.begin).begin, place(part.begin).begin};
  return {place(part.begin).begin, place(part.end - 1).end};
}

}  // namespace fleet::yaml
