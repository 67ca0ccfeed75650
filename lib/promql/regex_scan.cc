#include "lib/promql/regex_scan.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "lib/base/text.h"

namespace fleet::promql {
namespace {

// Go's bound of the height of a tree, of which each group that captures is a level (regexp/syntax,
// maxHeight).
constexpr std::size_t kMaxHeight = 1000;
// A class such as \pL is hundreds of ranges of characters.
constexpr std::size_t kUnicodeClassCost = 1000;
// Both take no larger count.
constexpr std::size_t kMaxRepeat = 1000;

class Scanner {
 public:
  explicit Scanner(std::string_view pattern) : rest_(pattern) { scan_.pattern.reserve(pattern.size()); }

  RegexScan Run() {
    while (!rest_.empty() && !scan_.error) Step();
    while (groups_.size() > 1) Close();
    scan_.pattern += rest_;
    scan_.cost = groups_.front().cost;
    if (!scan_.error && scan_.cost > kMaxRegexCost) scan_.error = "expression too large";
    return std::move(scan_);
  }

 private:
  struct Group {
    std::size_t cost = 0;
    std::size_t last = 0;  // of what a repetition would repeat
    bool captures = false;
  };

  void Step() {
    switch (rest_.front()) {
      case '\\':
        return Escape();
      case '[':
        return Class();
      case '(':
        return Open();
      case ')':
        return Close();
      case '{':
        return Repeat();
      case '|':
      case '*':
      case '+':
      case '?':
        Pay(1);
        return Copy(1);
      default:
        Atom(1);
        return Copy(1);
    }
  }

  void Copy(std::size_t count) {
    count = std::min(count, rest_.size());
    scan_.pattern += rest_.substr(0, count);
    rest_.remove_prefix(count);
  }

  void Pay(std::size_t cost) {
    groups_.back().cost = std::min(groups_.back().cost + cost, kMaxRegexCost + 1);
  }

  void Atom(std::size_t cost) {
    Pay(cost);
    groups_.back().last = std::min(cost, kMaxRegexCost + 1);
  }

  void Escape() {
    const char what = rest_.size() > 1 ? rest_[1] : '\0';
    if (what == 'C') {  // any byte
      scan_.error = "invalid escape sequence: \\C";
    } else if (what == 'Q') {
      const std::size_t length = std::min(rest_.find("\\E"), rest_.size());
      Pay(length);
      Atom(1);
      Copy(length + 2);
    } else {
      const bool is_class = what == 'p' || what == 'P';
      const bool in_braces = (is_class || what == 'x') && rest_.substr(2).starts_with('{');
      Atom(is_class ? kUnicodeClassCost : 1);
      const std::size_t length = is_class ? 3 : 2;
      Copy(in_braces ? std::min(rest_.find('}'), rest_.size() - 1) + 1 : length);
    }
  }

  void Class() {
    std::size_t end = rest_.starts_with("[^") ? 2 : 1;
    std::size_t cost = 1;
    for (bool is_first = true; end < rest_.size() && (is_first || rest_[end] != ']'); is_first = false) {
      const std::string_view at = rest_.substr(end);
      const std::size_t name_end = at.starts_with("[:") ? at.find(":]") : std::string_view::npos;
      if (at.starts_with("\\p") || at.starts_with("\\P")) cost += kUnicodeClassCost;
      if (name_end != std::string_view::npos) {
        end += name_end + 2;
      } else {
        end += at.front() == '\\' ? 2 : 1;
      }
    }
    Atom(cost + end / 2);
    Copy(end + 1);
  }

  void Open() {
    const std::size_t flags = FlagsLength();
    if (flags > 0 && rest_[flags] == ')') return Copy(flags + 1);
    Group group;
    group.captures = flags == 0;
    if (group.captures && ++height_ > kMaxHeight) scan_.error = "expression nests too deeply";
    groups_.push_back(group);
    const std::size_t name = flags == 0 ? NameLength() : 0;
    Copy(flags == 0 ? 1 : flags + 1);
    rest_.remove_prefix(name);
  }

  // Up to the `:` or `)` of "(?i:" and "(?i)"; 0 where there is none.
  std::size_t FlagsLength() const {
    if (!rest_.starts_with("(?")) return 0;
    std::size_t end = 2;
    while (end < rest_.size() && (IsLetter(rest_[end]) || rest_[end] == '-')) ++end;
    return end < rest_.size() && (rest_[end] == ':' || rest_[end] == ')') ? end : 0;
  }

  // Of the "?P<n>" behind the bracket; 0 where there is no valid name.
  std::size_t NameLength() const {
    std::size_t begin = 0;
    if (rest_.starts_with("(?P<")) begin = 4;
    if (rest_.starts_with("(?<")) begin = 3;
    std::size_t end = begin;
    while (end < rest_.size() && (IsLetter(rest_[end]) || IsDigit(rest_[end]) || rest_[end] == '_')) ++end;
    return end > begin && begin > 0 && rest_.substr(end).starts_with('>') ? end : 0;
  }

  // Where too many close, RE2 says so.
  void Close() {
    Copy(1);
    if (groups_.size() == 1) return;
    const Group group = groups_.back();
    groups_.pop_back();
    if (group.captures) --height_;
    Atom(group.cost + 2);
  }

  void Repeat() {
    std::size_t end = 1;
    std::size_t most = 0;
    for (std::size_t count = 0; end < rest_.size() && (IsDigit(rest_[end]) || rest_[end] == ','); ++end) {
      count = IsDigit(rest_[end])
                  ? std::min(count * 10 + static_cast<std::size_t>(rest_[end] - '0'), kMaxRepeat)
                  : 0;
      most = std::max(most, count);
    }
    const bool is_repeat = end > 1 && end < rest_.size() && rest_[end] == '}';
    if (is_repeat && most > 0) {
      const std::size_t last = groups_.back().last;
      Pay(last * (most - 1));
      groups_.back().last = std::min(last * most, kMaxRegexCost + 1);
    } else if (!is_repeat) {
      Atom(end);  // text
    }
    Copy(is_repeat ? end + 1 : end);
  }

  std::string_view rest_;
  RegexScan scan_;
  std::vector<Group> groups_ = std::vector<Group>(1);
  std::size_t height_ = 0;
};

}  // namespace

RegexScan ScanRegex(std::string_view pattern) { return Scanner(pattern).Run(); }

}  // namespace fleet::promql
