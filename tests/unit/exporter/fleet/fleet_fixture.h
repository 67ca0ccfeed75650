// A fleet and words to speak with it: Send an event, see what changed on the page.
#pragma once

#include <charconv>
#include <chrono>
#include <cmath>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "exporter/exposition/snapshot.h"
#include "exporter/fleet/fleet.h"

namespace fleet::test {

using NumbersByKey = std::map<std::string, double>;

struct SentField {
  SentField(std::string_view field, const char* text) : name(field), content(std::string(text)) {}
  SentField(std::string_view field, std::string text) : name(field), content(std::move(text)) {}
  SentField(std::string_view field, double number) : name(field), content(number) {}
  SentField(std::string_view field, int number) : name(field), content(static_cast<double>(number)) {}
  SentField(std::string_view field, bool flag) : name(field), content(flag ? 1.0 : 0.0) {}
  SentField(std::string_view field, UnixMillis time) : name(field), content(time.Seconds()) {}
  SentField(std::string_view field, NumbersByKey numbers) : name(field), content(std::move(numbers)) {}

  std::string name;
  std::variant<std::string, double, NumbersByKey> content;
};

using Lines = std::vector<std::string>;

inline std::string PrintNumber(double value) {
  char text[400];
  const auto format = value == std::floor(value) ? std::chars_format::fixed : std::chars_format::general;
  return {text, std::to_chars(text, text + sizeof(text), value, format).ptr};
}

// name{labels} value, without the namespace; histograms as "count c sum s".
inline std::map<std::string, std::string> PrintSeries(const Snapshot& snapshot) {
  std::map<std::string, std::string> series;
  for (const FamilySnapshot& family : snapshot.families) {
    const std::size_t stride = ValuesPerSeries(*family.header);
    for (std::size_t i = 0; i < family.labels->size(); ++i) {
      std::string name = family.header->name.substr(family.header->name.find('_') + 1);
      const std::string_view labels = (*family.labels)[i];
      if (!labels.empty()) name += "{" + std::string(labels) + "}";
      const double* const values = &family.values[i * stride];
      if (family.header->type != catalog::MetricType::kHistogram) {
        series[name] = PrintNumber(values[0]);
        continue;
      }
      double count = 0;
      for (std::size_t bucket = 0; bucket + 1 < stride; ++bucket) count += values[bucket];
      series[name] = "count " + PrintNumber(count) + " sum " + PrintNumber(values[stride - 1]);
    }
  }
  return series;
}

class FleetFixture {
 public:
  static constexpr UnixMillis kStart{1'700'000'000'000};

  explicit FleetFixture(const FleetLimits& limits = {}) : fleet_("fleet", limits) { Changes(kStart); }

  Fleet& fleet() { return fleet_; }

  // The time `seconds` after the start.
  static UnixMillis At(double seconds) {
    return kStart + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  }

  // The text of the refusal, empty when applied. `at` in seconds after the start; it arrives at once,
  // or at `received`.
  std::string Send(std::string_view type, const std::vector<SentField>& fields, double at = 0) {
    return Send(type, fields, at, at);
  }
  std::string Send(std::string_view type, const std::vector<SentField>& fields, double at, double received) {
    Event event = Make(type, fields, at);
    if (event.type == nullptr) return "no such type";
    event.source = source;
    const Refused refused = fleet_.Apply(event, At(received));
    return refused ? refused->text : "";
  }

  // Its texts belong to `fields`.
  static Event Make(std::string_view type, const std::vector<SentField>& fields, double at) {
    Event event;
    event.type = FindEventType(type);
    event.time = At(at);
    for (const SentField& field : fields) AddField(field, event);
    return event;
  }

  // Every series as of `seconds` after the start.
  std::map<std::string, std::string> Page(double seconds) {
    Snapshot snapshot;
    fleet_.Collect(At(seconds), snapshot);
    return PrintSeries(snapshot);
  }

  // The value of one series, or "absent".
  std::string Value(const std::string& series, double seconds) {
    const auto page = Page(seconds);
    const auto it = page.find(series);
    return it == page.end() ? "absent" : it->second;
  }

  // What is different since the last call, sorted: new values, and "gone: ..." for series that went.
  // Series that are born as 0 are not news.
  Lines Changes(double seconds) { return Changes(At(seconds)); }

  std::string source = "test";

 private:
  Lines Changes(UnixMillis now) {
    Snapshot snapshot;
    fleet_.Collect(now, snapshot);
    std::map<std::string, std::string> page = PrintSeries(snapshot);
    Lines lines;
    for (const auto& [name, value] : page) {
      const auto before = last_.find(name);
      const bool is_news =
          before == last_.end() ? value != "0" && value != "count 0 sum 0" : before->second != value;
      if (is_news) lines.push_back(name + " " + value);
    }
    for (const auto& [name, value] : last_) {
      if (!page.contains(name)) lines.push_back("gone: " + name);
    }
    last_ = std::move(page);
    return lines;
  }

  static void AddField(const SentField& field, Event& event) {
    const FieldDef* const def = FindField(field.name);
    if (def == nullptr) throw std::invalid_argument("no such field: " + field.name);
    if (const auto* text = std::get_if<std::string>(&field.content)) {
      if (def->field == Field::kTraceId) {
        event.trace_id = *text;
      } else {
        event.Add({def->field, *text, 0});
      }
    } else if (const auto* number = std::get_if<double>(&field.content)) {
      if (def->field == Field::kCount) {
        event.count = *number;
      } else if (def->field == Field::kWeight) {
        event.weight = *number;
      } else {
        event.Add({def->field, {}, *number});
      }
    } else {
      for (const auto& [key, value] : std::get<NumbersByKey>(field.content)) {
        event.Add({def->field, key, value});
      }
    }
  }

  Fleet fleet_;
  std::map<std::string, std::string> last_;
};

}  // namespace fleet::test
