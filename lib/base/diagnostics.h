// What is wrong with the user's file: all of it, sorted, each with its place, the line and a caret.
//
//   slo/policies.yaml:14:12: error: no metric 'fleet_job_total' in the catalog [metric-unknown]
//    14 |     total: fleet_job_total
//       |            ^~~~~~~~~~~~~~~
//   note: did you mean 'fleet_jobs_total'?
//
// The texts are interface: tests compare them whole.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/source_text.h"

namespace fleet {

enum class Severity { kError, kWarning };

struct Diagnostic {
  Severity severity = Severity::kError;
  Span span;
  std::string text;
  std::string check;               // stable id in noun-problem form, e.g. "metric-unknown"
  std::vector<std::string> notes;  // each printed as "note: ..."
};

// Collects for one SourceText, which must outlive it. Not thread-safe.
class Diagnostics {
 public:
  explicit Diagnostics(const SourceText& source) : source_(&source) {}

  const SourceText& source() const { return *source_; }

  // Both return the entry so that notes can be added: d.AddError(...).notes.push_back(...).
  Diagnostic& AddError(Span span, std::string check, std::string text);
  Diagnostic& AddWarning(Span span, std::string check, std::string text);

  bool has_errors() const { return CountErrors() > 0; }
  std::size_t CountErrors() const;
  const std::vector<Diagnostic>& all() const { return entries_; }

  // Sorted by place, errors before warnings at one place; ends in a line feed unless empty.
  std::string Render() const;

 private:
  Diagnostic& Add(Severity severity, Span span, std::string check, std::string text);

  const SourceText* source_;
  std::vector<Diagnostic> entries_;
};

// "did you mean 'x'?" as a note, where a candidate is near enough.
void SuggestClosest(Diagnostic& diagnostic, std::string_view word,
                    const std::vector<std::string_view>& candidates);

}  // namespace fleet
