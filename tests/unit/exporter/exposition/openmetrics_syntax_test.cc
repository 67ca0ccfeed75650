// A page of everything read by a strict reader of OpenMetrics 1.0: metadata before samples, each family
// once and in one piece, suffixes that belong to the type, escapes that exist, buckets that grow.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <charconv>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "exporter/exposition/openmetrics.h"
#include "exporter/fleet/fleet.h"
#include "exporter/ingest/ingest.h"
#include "exporter/process_metrics.h"
#include "exporter/self_metrics.h"
#include "exporter/store/memory_store.h"
#include "lib/base/text.h"
#include "tests/support/manual_clock.h"

namespace fleet {
namespace {

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
  std::string exemplar;  // behind " # "
};

// Cuts `begin` off, or nothing.
bool Skip(std::string_view& text, std::string_view begin) {
  if (!text.starts_with(begin)) return false;
  text.remove_prefix(begin.size());
  return true;
}

std::string Name(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && (isalnum(static_cast<unsigned char>(text[n])) != 0 || text[n] == '_')) ++n;
  const std::string name(text.substr(0, n));
  text.remove_prefix(n);
  return name;
}

std::string QuotedValue(std::string_view& text) {
  std::string value;
  if (!Skip(text, "\"")) FAIL("no quote: " << text);
  while (!text.empty() && text.front() != '"') {
    char c = text.front();
    if (c == '\\') {
      text.remove_prefix(1);
      const std::size_t kind = std::string_view("\\\"n").find(text.front());
      if (kind == std::string_view::npos) FAIL("unknown escape: " << text);
      c = "\\\"\n"[kind];
    }
    value += c;
    text.remove_prefix(1);
  }
  if (!Skip(text, "\"")) FAIL("no closing quote: " << text);
  return value;
}

std::map<std::string, std::string> Labels(std::string_view& text) {
  std::map<std::string, std::string> labels;
  while (!Skip(text, "}")) {
    if (!labels.empty() && !Skip(text, ",")) FAIL("no comma: " << text);
    const std::string name = Name(text);
    if (!Skip(text, "=")) FAIL("no '=': " << text);
    if (!labels.emplace(name, QuotedValue(text)).second) FAIL("label twice: " << name);
  }
  return labels;
}

double Number(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  if (word == "+Inf") return HUGE_VAL;
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) FAIL("no number: " << word);
  return value;
}

Sample ParseSample(std::string_view line) {
  Sample sample;
  sample.name = Name(line);
  if (Skip(line, "{")) sample.labels = Labels(line);
  if (!Skip(line, " ")) FAIL("no blank before the value: " << line);
  sample.value = Number(line);
  if (Skip(line, " # ")) {
    sample.exemplar = line;
  } else if (!line.empty()) {
    FAIL("something behind the value: " << line);
  }
  return sample;
}

class StrictReader {
 public:
  void Read(std::string_view page) {
    if (!page.ends_with("\n")) FAIL("no line feed at the end");
    page.remove_suffix(1);
    const auto lines = Split(page, '\n');
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i] == "# EOF" && i + 1 != lines.size()) FAIL("something behind # EOF");
      if (lines[i].starts_with("# ")) {
        ReadMetadata(lines[i]);
      } else {
        ReadSample(lines[i]);
      }
    }
    if (lines.back() != "# EOF") FAIL("no # EOF");
  }
  int samples = 0, exemplars = 0;
  std::set<std::string> label_values;

 private:
  void ReadMetadata(std::string_view line) {
    if (line == "# EOF") return;
    if (Skip(line, "# TYPE ")) {
      family_ = Name(line);
      if (!families_.insert(family_).second) FAIL("family twice: " << family_);
      type_ = line.substr(1);
      series_.clear();
      bucket_.reset();
    } else if (Skip(line, "# UNIT ")) {
      if (Name(line) != family_) FAIL("UNIT of another family");
      if (!family_.ends_with(fmt::format("_{}", line.substr(1)))) FAIL(family_ << " has not unit" << line);
    } else if (Skip(line, "# HELP ")) {
      if (Name(line) != family_) FAIL("HELP of another family");
    } else {
      FAIL("unknown comment: " << line);
    }
  }

  void ReadSample(std::string_view line) {
    const Sample sample = ParseSample(line);
    ++samples;
    if (!sample.exemplar.empty()) ++exemplars;
    if (!sample.name.starts_with(family_)) FAIL(sample.name << " under " << family_);
    const std::string suffix = sample.name.substr(family_.size());
    const std::set<std::string> allowed = type_ == "counter" ? std::set<std::string>{"_total"}
                                          : type_ == "gauge" ? std::set<std::string>{""}
                                          : type_ == "histogram"
                                              ? std::set<std::string>{"_bucket", "_sum", "_count"}
                                              : std::set<std::string>{};
    if (allowed.count(suffix) == 0) FAIL(sample.name << " in a " << type_);
    if (!sample.exemplar.empty() && suffix != "_bucket") FAIL("exemplar on " << sample.name);
    if (!series_.emplace(suffix, sample.labels).second) FAIL("series twice: " << line);
    for (const auto& [name, value] : sample.labels) label_values.insert(value);
    if (type_ == "counter" && sample.value < 0) FAIL("negative counter: " << line);
    if (type_ == "histogram") ReadHistogram(suffix, sample);
  }

  void ReadHistogram(const std::string& suffix, const Sample& sample) {
    if (suffix == "_bucket") {
      if (bucket_ && sample.value < *bucket_) FAIL("shrinking bucket: " << sample.name);
      bucket_ = sample.value;
      last_le_ = sample.labels.at("le");
      if (last_le_.find_first_of(".+") == std::string::npos) FAIL("le is not canonical: " << last_le_);
    } else if (suffix == "_count") {
      if (last_le_ != "+Inf" || sample.value != bucket_) FAIL("count is not the last bucket");
      bucket_.reset();
    }
  }

  std::string family_, type_, last_le_;
  std::set<std::string> families_;
  std::set<std::pair<std::string, std::map<std::string, std::string>>> series_;
  std::optional<double> bucket_;
};

TEST_CASE("a page of everything is strict OpenMetrics, and label values come back as they were") {
  const test::ManualClock clock{UnixMillis{1'732'233'600'000}};
  SelfMetrics metrics("fleet");
  metrics.Handler("h").Started();
  Fleet fleet("fleet", {});
  MemoryStore store;
  Ingest ingest(fleet, store, clock, {}, metrics);
  const IngestReport report = ingest.Accept(
      BodyFormat::kNdjson,
      R"({"specversion":"1.0","id":"1","source":"t","type":"fleet.worker.heartbeat","data":{"worker_id":"C:\\w \"1\"","worker_type":"sandbox","host":"größe","cpu_seconds":0.1}}
{"specversion":"1.0","id":"2","source":"t","type":"fleet.queue.processed","data":{"queue":"a","outcome":"succeeded","duration_seconds":0.3,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}}
{"specversion":"1.0","id":"3","source":"t","type":"fleet.http.request","data":{"component":"api","endpoint":"/x","method":"GET","code":200,"duration_seconds":1e-7}}
)");
  CHECK(report.ToJson() == R"({"accepted":3,"duplicates":0,"rejected":[]})");
  Snapshot snapshot;
  fleet.Collect(clock.Now(), snapshot);
  CollectProcess(snapshot);
  metrics.Collect(snapshot);
  std::string page;
  REQUIRE(RenderOpenMetrics(snapshot, [&](std::string_view bytes) { return page += bytes, true; }));
  StrictReader reader;
  reader.Read(page);
  CHECK(reader.samples > 400);
  CHECK(reader.exemplars == 1);
  CHECK(reader.label_values.count("C:\\w \"1\"") == 1);
  CHECK(reader.label_values.count("größe") == 1);
}

}  // namespace
}  // namespace fleet
