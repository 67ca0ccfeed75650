#include "exporter/fleet/histogram_delta.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "lib/base/text.h"
#include "lib/catalog/catalog.h"

namespace fleet {

using enum Field;

namespace {

Refusal Wrong(Field field, std::string_view why) {
  return {"invalid_value", fmt::format("data.{}: {}", Definition(field).name, why)};
}

std::string ListOf(std::span<const double> bounds) {
  std::vector<std::string> texts;
  for (const double bound : bounds) texts.push_back(catalog::FormatBound(bound));
  return Join(texts, ", ");
}

}  // namespace

std::vector<double> ParseNumbers(std::string_view text) {
  std::vector<double> numbers;
  if (text.empty()) return numbers;
  for (const std::string_view part : Split(text, ',')) {
    double number = 0;
    std::from_chars(part.data(), part.data() + part.size(), number);
    numbers.push_back(number);
  }
  return numbers;
}

bool HasDelta(const Event& event) { return event.Has(kBounds) || event.Has(kCounts) || event.Has(kSum); }

Refused CheckDelta(const Event& event, std::span<const double> bounds) {
  for (const Field field : {kBounds, kCounts, kSum}) {
    if (!event.Has(field)) {
      return Refusal{
          "missing_field",
          fmt::format("data.{}: missing, a histogram needs bounds, counts and sum", Definition(field).name)};
    }
  }
  if (!std::ranges::equal(ParseNumbers(event.Text(kBounds)), bounds)) {
    return Wrong(kBounds, fmt::format("must be those of the metric: {}", ListOf(bounds)));
  }
  const std::vector<double> counts = ParseNumbers(event.Text(kCounts));
  if (counts.size() != bounds.size() + 1) {
    return Wrong(kCounts, fmt::format("must be {} numbers, one for each bound and one for what is above",
                                      bounds.size() + 1));
  }
  if (std::ranges::any_of(counts, [](double n) { return n != std::floor(n); })) {
    return Wrong(kCounts, "must be whole numbers");
  }
  return std::nullopt;
}

std::optional<HistogramDelta> DeltaOf(const Event& event) {
  if (!HasDelta(event)) return std::nullopt;
  return HistogramDelta{ParseNumbers(event.Text(kCounts)), *event.Number(kSum)};
}

}  // namespace fleet
