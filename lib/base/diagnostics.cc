#include "lib/base/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "lib/base/text.h"

namespace fleet {
namespace {

constexpr std::size_t kWidestLine = 160;

// The source line and, under the span, ^~~~. Tabs stay tabs above and below, so that columns agree.
void RenderExcerpt(const SourceText& source, Span span, std::string& out) {
  const LineColumn at = source.Locate(span.begin);
  const std::string_view whole = source.Line(at.line);
  const std::size_t before_size = std::min(span.begin - source.LineBegin(at.line), whole.size());
  std::string_view line = whole;
  std::size_t cut = 0;
  if (before_size > kWidestLine) {  // keep the place in sight on very long lines
    cut = before_size - kWidestLine / 2;
    line.remove_prefix(cut);
  }
  line = line.substr(0, kWidestLine);
  const std::string_view before = line.substr(0, std::min(before_size - cut, line.size()));
  const std::size_t marked_size = std::min(span.end - span.begin, line.size() - before.size());
  const std::size_t width = CountCharacters(line.substr(before.size(), marked_size));

  std::string indent;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == '\t')
      indent += '\t';
    else if ((static_cast<unsigned char>(before[i]) & 0xC0U) != 0x80U)
      indent += ' ';
  }
  const std::string number = std::to_string(at.line);
  fmt::format_to(std::back_inserter(out), " {} | {}\n {} | {}^{}\n", number, line,
                 std::string(number.size(), ' '), indent, std::string(width > 1 ? width - 1 : 0, '~'));
}

}  // namespace

Diagnostic& Diagnostics::Add(Severity severity, Span span, std::string check, std::string text) {
  entries_.push_back({severity, span, std::move(text), std::move(check), {}});
  return entries_.back();
}

Diagnostic& Diagnostics::AddError(Span span, std::string check, std::string text) {
  return Add(Severity::kError, span, std::move(check), std::move(text));
}

Diagnostic& Diagnostics::AddWarning(Span span, std::string check, std::string text) {
  return Add(Severity::kWarning, span, std::move(check), std::move(text));
}

std::size_t Diagnostics::CountErrors() const {
  return static_cast<std::size_t>(std::count_if(
      entries_.begin(), entries_.end(), [](const Diagnostic& d) { return d.severity == Severity::kError; }));
}

std::string Diagnostics::Render() const {
  std::vector<const Diagnostic*> sorted;
  sorted.reserve(entries_.size());
  for (const Diagnostic& entry : entries_) sorted.push_back(&entry);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Diagnostic* a, const Diagnostic* b) {
    return std::pair(a->span.begin, a->severity) < std::pair(b->span.begin, b->severity);
  });
  std::string out;
  for (const Diagnostic* entry : sorted) {
    const LineColumn at = source_->Locate(entry->span.begin);
    fmt::format_to(std::back_inserter(out), "{}:{}:{}: {}: {} [{}]\n", source_->path(), at.line, at.column,
                   entry->severity == Severity::kError ? "error" : "warning", entry->text, entry->check);
    RenderExcerpt(*source_, entry->span, out);
    for (const std::string& note : entry->notes) {
      fmt::format_to(std::back_inserter(out), "note: {}\n", note);
    }
  }
  return out;
}

void SuggestClosest(Diagnostic& diagnostic, std::string_view word,
                    const std::vector<std::string_view>& candidates) {
  if (const auto match = ClosestMatch(word, candidates)) {
    diagnostic.notes.push_back(fmt::format("did you mean '{}'?", *match));
  }
}

}  // namespace fleet
