// One struct for each kind of panel. What a kind does not know cannot be said: a heatmap has no
// sparkline and a table no line width. Query mode and format (instant or range, table or series)
// follow from the kind and are therefore no options either.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rulegen/emit/grafana/field.h"

namespace fleet::rulegen::grafana {

enum class Calc { kMin, kMean, kMax, kLast };
enum class LegendStyle { kHidden, kList, kTable };
enum class Placement { kBottom, kRight };

struct Legend {
  LegendStyle style = LegendStyle::kList;
  Placement placement = Placement::kBottom;
  std::vector<Calc> calcs = {};  // columns of a table, or numbers behind a name in a list
};

enum class Match { kRefId, kRegexp };

// Departures of some series of a panel from its field: those of one query ("A") or those whose name
// matches a regular expression.
struct SeriesStyle {
  Match match = Match::kRefId;
  std::string pattern = {};
  std::optional<Color> color = {};
  bool shades = false;  // of the colour, one for each series
  std::optional<int> line_width = {};
  std::optional<int> fill_opacity = {};
  bool dashed = false;
};

enum class DrawStyle { kLine, kBars, kPoints };
enum class Interpolation { kLinear, kStepAfter };
enum class Stacking { kNone, kNormal, kPercent };
enum class Scale { kLinear, kLog10 };
enum class ThresholdStyle { kOff, kLine, kDashed, kDashedAndArea };
enum class TooltipSort { kNone, kDescending };

struct Timeseries {
  DrawStyle draw = DrawStyle::kLine;
  Interpolation interpolation = Interpolation::kLinear;
  int line_width = 1;
  int fill_opacity = 10;
  Stacking stacking = Stacking::kNone;
  Scale scale = Scale::kLinear;
  // The axis reaches at least this far, so that a line drawn there is seen while all is well.
  std::optional<Decimal> soft_min = {};
  std::optional<Decimal> soft_max = {};
  ThresholdStyle thresholds = ThresholdStyle::kOff;
  // A line over a gap this long would tell a story nobody measured.
  bool span_gaps = false;
  Legend legend = {};
  TooltipSort tooltip_sort = TooltipSort::kDescending;
  std::vector<SeriesStyle> series = {};
};

enum class Reduce { kLast, kMax, kMean };
enum class StatColor { kNone, kValue, kBackground };
enum class StatText { kAuto, kValue, kValueAndName };

// With a sparkline the query runs over the range, without at one instant.
struct Stat {
  Reduce reduce = Reduce::kLast;
  StatColor color = StatColor::kValue;
  StatText text = StatText::kAuto;
  bool sparkline = true;
};

enum class GaugeShape { kArc, kCircle };

// The field's minimum and maximum are the ends of the arc.
struct Gauge {
  Reduce reduce = Reduce::kLast;
  GaugeShape shape = GaugeShape::kArc;
  bool threshold_markers = true;
};

enum class BarStyle { kBasic, kGradient, kLcd };
enum class Orientation { kHorizontal, kVertical };

struct BarGauge {
  Reduce reduce = Reduce::kLast;
  BarStyle style = BarStyle::kGradient;
  Orientation orientation = Orientation::kHorizontal;
};

enum class Scheme { kOranges, kBlues, kGreens };

// One query by `le`; the unit of the field is the unit of the buckets' bounds.
struct Heatmap {
  Scheme scheme = Scheme::kOranges;
  int columns = 90;  // most buckets of time; without a limit there is one for each pixel
};

enum class Cell { kPlain, kColoredText, kColoredBackground, kGauge };

// A column shows a label, or, where `label` is empty, the value of query number `target`.
struct Column {
  std::string title = {};
  std::string label = {};
  std::size_t target = 0;
  Field field = {};
  Cell cell = Cell::kPlain;
  int width = 0;  // pixels; 0 shares what is left
  std::vector<Link> links = {};
};

struct Sort {
  std::string column = {};  // title
  bool descending = false;
};

// Joined over the labels that all queries share; what has no column is not shown.
struct Table {
  std::vector<Column> columns = {};
  std::vector<Sort> sort = {};  // the next one counts where those before are equal
};

struct StateTimeline {
  bool merge_equal = true;
  bool show_text = true;
  int per_page = 20;  // rows; Grafana turns pages where there are more
};

enum class PieLegend { kValue, kPercent };

struct PieChart {
  bool donut = true;
  PieLegend legend = PieLegend::kValue;
};

struct Text {
  std::string markdown = {};
};

using Visualization =
    std::variant<Timeseries, Stat, Gauge, BarGauge, Heatmap, Table, StateTimeline, PieChart, Text>;

}  // namespace fleet::rulegen::grafana
