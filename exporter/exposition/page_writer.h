// The part of rendering that all text formats share: a buffer of one chunk, numbers, and the samples of
// a family. The formats differ in their metadata, in exemplars and in how the page ends.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "exporter/exposition/byte_sink.h"
#include "exporter/exposition/snapshot.h"

namespace fleet {

// Appends the shortest decimal that reads back as `value`; whole numbers without a point or exponent
// up to 2^53. NaN, +Inf and -Inf as Prometheus spells them.
void AppendNumber(std::string& text, double value);

// Help text with its backslashes and line feeds escaped, in OpenMetrics also its quotes.
enum class HelpEscapes { kText, kOpenMetrics };
std::string EscapeHelp(std::string_view help, HelpEscapes escapes);

enum class Exemplars { kOmitted, kShown };

class PageWriter {
 public:
  explicit PageWriter(const ByteSink& sink);

  void Append(std::string_view text);
  void AppendSamples(const FamilySnapshot& family, Exemplars exemplars);

  // Hands over what is left. False when the receiver went away at any time.
  bool Finish();
  bool receiver_gone() const { return gone_; }

 private:
  struct Line {
    std::string_view head;    // `name{`, or `name` when there are no labels at all
    std::string_view labels;  // of the series
    std::string_view tail;    // `} ` or `,le="0.1"} `
  };
  class ExemplarCursor;

  void AppendPlain(const FamilySnapshot& family);
  void AppendHistograms(const FamilySnapshot& family, Exemplars exemplars);
  // Leaves room for the end of the line.
  void AppendValue(const Line& line, double value);
  void AppendExemplar(const Exemplar& exemplar);  // and ends the line
  void EndLine() { *end_++ = '\n'; }
  char* Reserve(std::size_t bytes);
  void Flush();

  const ByteSink* sink_;
  std::size_t capacity_;
  std::unique_ptr<char[]> buffer_;  // filled up to end_; not cleared: small pages touch little of it
  char* end_;
  bool gone_ = false;
};

}  // namespace fleet
