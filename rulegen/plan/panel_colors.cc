#include "rulegen/plan/panel_colors.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/text.h"

namespace fleet::rulegen {
namespace {

using grafana::Color;

struct Word {
  std::string_view words;  // a regular expression
  Color color;
};

constexpr std::string_view kFailures =
    "down|failed|failures|broken|zombie|dead_lettered|dead|crashed|critical|offline|fatal|error";
constexpr std::string_view kWarnings =
    "stale|timed_out|orphaned|warning|retried|draining|terminating|retryable|waiting|warn|high";

// The last that a name matches wins: "rate_limited failed" is a failure.
constexpr Word kWords[] = {{"healthy|completed|succeeded|ready|running|idle|free|low", Color::kGreen},
                           {"pending|rate_limited", Color::kYellow},
                           {"assigned|provisioning|info|cancelled|busy|used|active|normal", Color::kBlue},
                           {"created|started|stopped|terminated|discarded|debug", Color::kPurple},
                           {"none", Color::kText},
                           {kWarnings, Color::kOrange},
                           {kFailures, Color::kRed}};

// A call without an answer has the status `none`.
constexpr Word kStatuses[] = {
    {R"([123]\d\d)", Color::kGreen}, {R"(4\d\d)", Color::kOrange}, {R"(5\d\d|none)", Color::kRed}};

bool IsGroupedBy(const Panel& panel, std::span<const std::string_view> labels) {
  return std::ranges::any_of(panel.queries, [&](const Query& query) {
    return std::ranges::any_of(query.by, [&](const Text& label) {
      return std::ranges::find(labels, std::string_view(*label)) != labels.end();
    });
  });
}

// A query that the policy itself calls by such a word: "failed restores".
bool IsCalledBad(const Panel& panel) {
  const std::vector<std::string_view> bad = Split(kFailures, '|');
  return std::ranges::any_of(panel.queries, [&](const Query& query) {
    if (!query.legend) return false;
    return std::ranges::any_of(Split(**query.legend, ' '), [&](std::string_view word) {
      return std::ranges::find(bad, word) != bad.end();
    });
  });
}

// "github 200" and "claude 200": names in which there is more than the word.
bool HasLongNames(const Panel& panel) {
  return std::ranges::any_of(panel.queries, [](const Query& query) {
    return query.by.size() > 1 || (query.by.size() == 1 && query.legend);
  });
}

void Add(std::span<const Word> words, bool shades, std::vector<grafana::SeriesStyle>& styles) {
  for (const auto& [pattern, color] : words) {
    styles.push_back({.match = grafana::Match::kRegexp,
                      .pattern = "/(^| )(" + std::string(pattern) + ")( |$)/",
                      .color = color,
                      .shades = shades});
  }
}

}  // namespace

std::vector<grafana::SeriesStyle> ColorsOfWords(const Panel& panel) {
  constexpr std::string_view kOneEach[] = {"state", "outcome", "severity", "level", "priority"};
  constexpr std::string_view kReason[] = {"reason"};
  constexpr std::string_view kCode[] = {"code"};
  std::vector<grafana::SeriesStyle> styles;
  // Of reasons, more than one may have the colour: sandboxes end because their task is over or they are idle.
  const bool has_reasons = IsGroupedBy(panel, kReason);
  if (has_reasons || IsGroupedBy(panel, kOneEach) || IsCalledBad(panel)) {
    Add(kWords, has_reasons || HasLongNames(panel), styles);
  }
  if (IsGroupedBy(panel, kCode)) Add(kStatuses, true, styles);
  return styles;
}

}  // namespace fleet::rulegen
