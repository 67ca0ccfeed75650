#include "rulegen/emit/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "lib/base/text.h"

namespace fleet::rulegen {
namespace {

constexpr std::size_t kContext = 3;
// Beyond this the middle is shown as removed and added whole: the table below is quadratic.
constexpr std::size_t kLargestTable = 16'000'000;

struct Line {
  char sign;  // ' ', '-' or '+'
  std::string_view text;
};

using Lines = std::vector<std::string_view>;

Lines SplitLines(std::string_view text) {
  if (text.empty()) return {};
  Lines lines = Split(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

// The longest common subsequence by dynamic programming, walked from the start.
void AddMiddle(std::span<const std::string_view> before, std::span<const std::string_view> after,
               std::vector<Line>& out) {
  const std::size_t width = after.size() + 1;
  std::vector<std::uint32_t> common;
  const bool is_small = (before.size() + 1) * width <= kLargestTable;
  if (is_small) {
    common.assign((before.size() + 1) * width, 0);
    for (std::size_t i = before.size(); i-- > 0;) {
      for (std::size_t k = after.size(); k-- > 0;) {
        common[i * width + k] = before[i] == after[k]
                                    ? common[(i + 1) * width + k + 1] + 1
                                    : std::max(common[(i + 1) * width + k], common[i * width + k + 1]);
      }
    }
  }
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < before.size() || k < after.size()) {
    if (is_small && i < before.size() && k < after.size() && before[i] == after[k]) {
      out.push_back({' ', before[i++]});
      ++k;
    } else if (i < before.size() &&
               (k == after.size() || !is_small || common[(i + 1) * width + k] >= common[i * width + k + 1])) {
      out.push_back({'-', before[i++]});
    } else {
      out.push_back({'+', after[k++]});
    }
  }
}

std::vector<Line> Compare(const Lines& before, const Lines& after) {
  const std::size_t shorter = std::min(before.size(), after.size());
  std::size_t head = 0;
  while (head < shorter && before[head] == after[head]) ++head;
  std::size_t tail = 0;
  while (tail < shorter - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;

  std::vector<Line> lines;
  for (std::size_t i = 0; i < head; ++i) lines.push_back({' ', before[i]});
  AddMiddle(std::span(before).subspan(head, before.size() - head - tail),
            std::span(after).subspan(head, after.size() - head - tail), lines);
  for (std::size_t i = before.size() - tail; i < before.size(); ++i) lines.push_back({' ', before[i]});
  return lines;
}

std::string Position(std::size_t first, std::size_t count) {
  const std::size_t shown = count == 0 ? first : first + 1;
  return count == 1 ? std::to_string(shown) : fmt::format("{},{}", shown, count);
}

// Lines [begin, end) with a header; `first_before` and `first_after` count the lines that stand before.
void AddHunk(std::span<const Line> hunk, std::size_t first_before, std::size_t first_after,
             std::string& out) {
  std::size_t before = 0;
  std::size_t after = 0;
  for (const Line& line : hunk) {
    before += line.sign != '+' ? 1 : 0;
    after += line.sign != '-' ? 1 : 0;
  }
  fmt::format_to(std::back_inserter(out), "@@ -{} +{} @@\n", Position(first_before, before),
                 Position(first_after, after));
  for (const Line& line : hunk) fmt::format_to(std::back_inserter(out), "{}{}\n", line.sign, line.text);
}

}  // namespace

std::string UnifiedDiff(std::string_view before_name, std::string_view after_name, std::string_view before,
                        std::string_view after) {
  if (before == after) return {};
  const std::vector<Line> lines = Compare(SplitLines(before), SplitLines(after));
  std::string out = fmt::format("--- {}\n+++ {}\n", before_name, after_name);
  std::size_t before_count = 0;
  std::size_t after_count = 0;
  std::size_t done = 0;
  const auto count = [&](std::size_t to) {
    for (; done < to; ++done) {
      before_count += lines[done].sign != '+' ? 1 : 0;
      after_count += lines[done].sign != '-' ? 1 : 0;
    }
  };
  for (std::size_t i = 0; i < lines.size();) {
    if (lines[i].sign == ' ') {
      ++i;
      continue;
    }
    const std::size_t begin = i - std::min(i - done, kContext);
    std::size_t end = i;  // behind the last change that is near enough to share a hunk
    for (std::size_t k = i; k < lines.size() && k <= end + 2 * kContext; ++k) {
      if (lines[k].sign != ' ') end = k + 1;
    }
    end = std::min(end + kContext, lines.size());
    count(begin);
    AddHunk(std::span(lines).subspan(begin, end - begin), before_count, after_count, out);
    count(end);
    i = end;
  }
  return out;
}

}  // namespace fleet::rulegen
