#include "exporter/exposition/page_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "lib/catalog/catalog.h"

namespace fleet {
namespace {

constexpr std::size_t kNumberBytes = 32;  // longest double is 24: -2.2250738585072014e-308

char* Copy(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// REQUIRES: kNumberBytes of room.
char* WriteNumber(char* out, double value) {
  constexpr double kExact = 9007199254740992;  // 2^53: below it every whole double is an exact integer
  if (value > -kExact && value < kExact) {
    const auto whole = static_cast<std::int64_t>(value);
    if (static_cast<double>(whole) == value) return std::to_chars(out, out + kNumberBytes, whole).ptr;
    return std::to_chars(out, out + kNumberBytes, value).ptr;
  }
  if (std::isnan(value)) return Copy(out, "NaN");
  if (std::isinf(value)) return Copy(out, value > 0 ? "+Inf" : "-Inf");
  return std::to_chars(out, out + kNumberBytes, value).ptr;
}

// What follows the labels of a series in its bucket lines, one text for each bound and one for +Inf.
struct BucketTails {
  std::vector<std::string> alone;         // `le="0.1"} `
  std::vector<std::string> after_labels;  // `,le="0.1"} `
};

BucketTails MakeTails(const std::vector<double>& bounds) {
  BucketTails tails;
  const auto add = [&](const std::string& bound) {
    tails.alone.push_back("le=\"" + bound + "\"} ");
    tails.after_labels.push_back("," + tails.alone.back());
  };
  for (const double bound : bounds) add(catalog::FormatBound(bound));
  add("+Inf");
  return tails;
}

// Made once for each set of bounds. There are few: those of the catalog and of the configuration.
const BucketTails& TailsOf(const std::vector<double>& bounds) {
  static std::mutex mutex;
  static std::map<std::vector<double>, BucketTails> known;
  const std::lock_guard lock(mutex);
  const auto found = known.find(bounds);
  return found != known.end() ? found->second : known.emplace(bounds, MakeTails(bounds)).first->second;
}

}  // namespace

void AppendNumber(std::string& text, double value) {
  char number[kNumberBytes];
  text.append(number, WriteNumber(number, value));
}

std::string EscapeHelp(std::string_view help, HelpEscapes escapes) {
  std::string text;
  if (help.find_first_of("\\\n\"") == std::string_view::npos) return text = help;
  for (const char c : help) {
    if (c == '\\') {
      text += "\\\\";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '"' && escapes == HelpEscapes::kOpenMetrics) {
      text += "\\\"";
    } else {
      text += c;
    }
  }
  return text;
}

// Walks a family's exemplars beside its buckets, in order of series and bucket.
class PageWriter::ExemplarCursor {
 public:
  ExemplarCursor(const FamilySnapshot& family, Exemplars wanted) {
    if (wanted == Exemplars::kOmitted) return;
    for (const Exemplar& exemplar : family.exemplars) {
      if (exemplar.trace_id.size() <= kLongestTraceId) sorted_.push_back(&exemplar);
    }
    std::stable_sort(sorted_.begin(), sorted_.end(), [](const Exemplar* a, const Exemplar* b) {
      return a->series != b->series ? a->series < b->series : a->bucket < b->bucket;
    });
  }

  // The exemplar of this bucket or null. REQUIRES: calls in ascending order.
  const Exemplar* Of(std::size_t series, std::size_t bucket) {
    const Exemplar* found = nullptr;
    while (next_ < sorted_.size() && IsAt(*sorted_[next_], series, bucket)) found = sorted_[next_++];
    return found;
  }

 private:
  // OpenMetrics 1.0, "Exemplars": names and values together have at most 128 characters.
  static constexpr std::size_t kLongestTraceId = 128 - std::string_view("trace_id").size();

  static bool IsAt(const Exemplar& exemplar, std::size_t series, std::size_t bucket) {
    return exemplar.series == series && exemplar.bucket == bucket;
  }

  std::vector<const Exemplar*> sorted_;
  std::size_t next_ = 0;
};

PageWriter::PageWriter(const ByteSink& sink)
    : sink_(&sink),
      capacity_(kChunkBytes + (kChunkBytes >> 4U)),
      buffer_(std::make_unique_for_overwrite<char[]>(capacity_)),
      end_(buffer_.get()) {}

void PageWriter::Flush() {
  const auto filled = static_cast<std::size_t>(end_ - buffer_.get());
  if (filled > 0 && !gone_) gone_ = !(*sink_)({buffer_.get(), filled});
  end_ = buffer_.get();
}

char* PageWriter::Reserve(std::size_t bytes) {
  if (bytes <= static_cast<std::size_t>(buffer_.get() + capacity_ - end_)) return end_;
  Flush();
  if (bytes > capacity_) {  // one line longer than a chunk
    capacity_ = bytes;
    buffer_ = std::make_unique_for_overwrite<char[]>(capacity_);
    end_ = buffer_.get();
  }
  return end_;
}

void PageWriter::Append(std::string_view text) { end_ = Copy(Reserve(text.size()), text); }

void PageWriter::AppendValue(const Line& line, double value) {
  char* out = Reserve(line.head.size() + line.labels.size() + line.tail.size() + kNumberBytes + 1);
  out = Copy(out, line.head);
  out = Copy(out, line.labels);
  out = Copy(out, line.tail);
  end_ = WriteNumber(out, value);
}

void PageWriter::AppendExemplar(const Exemplar& exemplar) {
  std::string text = " # {";
  std::string label;
  AppendLabel(label, "trace_id", exemplar.trace_id);
  text += label + "} ";
  AppendNumber(text, exemplar.value);
  text += ' ';
  AppendNumber(text, exemplar.time.Seconds());
  text += '\n';
  Append(text);
}

void PageWriter::AppendSamples(const FamilySnapshot& family, Exemplars exemplars) {
  if (family.header->type == catalog::MetricType::kHistogram) {
    AppendHistograms(family, exemplars);
  } else {
    AppendPlain(family);
  }
}

void PageWriter::AppendPlain(const FamilySnapshot& family) {
  const std::string labelled = family.header->name + "{";
  const std::string bare = family.header->name + " ";
  const SeriesLabels& labels = *family.labels;
  for (std::size_t i = 0; i < labels.size() && !gone_; ++i) {
    const std::string_view text = labels[i];
    AppendValue(text.empty() ? Line{bare, "", ""} : Line{labelled, text, "} "}, family.values[i]);
    EndLine();
  }
}

void PageWriter::AppendHistograms(const FamilySnapshot& family, Exemplars exemplars) {
  const FamilyHeader& header = *family.header;
  const std::string bucket = header.name + "_bucket{";
  const std::string names[2][2] = {{header.name + "_sum ", header.name + "_sum{"},
                                   {header.name + "_count ", header.name + "_count{"}};
  const BucketTails& tails = TailsOf(header.bounds);
  const std::size_t buckets = header.bounds.size() + 1;
  const SeriesLabels& labels = *family.labels;
  ExemplarCursor cursor(family, exemplars);
  const double* value = family.values.data();
  for (std::size_t i = 0; i < labels.size() && !gone_; ++i) {
    const std::string_view text = labels[i];
    const int labelled = text.empty() ? 0 : 1;
    double count = 0;
    for (std::size_t b = 0; b < buckets; ++b) {
      count += *value++;
      AppendValue({bucket, text, labelled ? tails.after_labels[b] : tails.alone[b]}, count);
      if (const Exemplar* exemplar = cursor.Of(i, b)) {
        AppendExemplar(*exemplar);
      } else {
        EndLine();
      }
    }
    const std::string_view tail = labelled ? "} " : "";
    AppendValue({names[0][labelled], text, tail}, *value++);
    EndLine();
    AppendValue({names[1][labelled], text, tail}, count);
    EndLine();
  }
}

bool PageWriter::Finish() {
  Flush();
  return !gone_;
}

}  // namespace fleet
