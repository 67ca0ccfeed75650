// How a value looks in Grafana: unit, digits, colours, texts. Shared by every panel kind.
//
// Options are enums and numbers are exact, so that what Grafana would silently drop (a misspelt
// option, a colour it does not know) cannot be written here at all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/base/decimal.h"

namespace fleet::rulegen::grafana {

// Names of Grafana's palette; kText is the theme's own grey for what is neither good nor bad.
enum class Color { kGreen, kYellow, kOrange, kRed, kBlue, kPurple, kText, kTransparent };

// The colour from `from` upwards. The first step of a list is the base and has no bound.
struct Threshold {
  std::optional<Decimal> from = {};
  Color color = Color::kGreen;
};

// A number shown as a word; the word carries the meaning, the colour only repeats it.
struct ValueText {
  Decimal value = {};
  std::string text = {};
  Color color = Color::kText;
};

enum class ColorMode { kPalette, kThresholds, kFixed };

struct Field {
  std::string unit = {};  // an id that units.h knows
  std::optional<int> decimals = {};
  std::optional<Decimal> min = {};
  std::optional<Decimal> max = {};
  std::string no_value = {};  // shown where there are no data: a broken exporter is not a zero
  ColorMode color_mode = ColorMode::kPalette;
  Color fixed_color = Color::kBlue;  // for kFixed
  std::vector<Threshold> thresholds = {};
  std::vector<ValueText> mappings = {};
  // In percent. Set where the value is read against an objective: it needs two more digits than the
  // objective has, or 99.96 % is shown as 100.0 %.
  std::optional<Decimal> objective = {};
};

// Digits after the point for a ratio shown as a percentage beside `objective` (in percent): two more
// than the objective has itself.
int DecimalsFor(Decimal objective);

// A link to a page of the same Grafana begins with "/d/"; to any other place with "https://".
struct Link {
  std::string title = {};
  std::string url = {};
  bool new_tab = false;
};

}  // namespace fleet::rulegen::grafana
