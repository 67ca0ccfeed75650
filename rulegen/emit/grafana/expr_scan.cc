#include "rulegen/emit/grafana/expr_scan.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "lib/base/text.h"

namespace fleet::rulegen::grafana {
namespace {

bool IsWordStart(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':'; }
bool IsWord(char c) { return IsWordStart(c) || std::isdigit(static_cast<unsigned char>(c)) != 0; }

// Length of the leading word of `text`; variables may not hold a colon, metric names may.
std::size_t WordLength(std::string_view text, bool colons) {
  std::size_t n = 0;
  while (n < text.size() && IsWord(text[n]) && (colons || text[n] != ':')) ++n;
  return n;
}

// The end of the part that `open` at `begin` starts; quoted text inside does not count.
std::size_t SkipGroup(std::string_view expr, std::size_t begin, char open, char close) {
  int depth = 0;
  char quote = 0;
  for (std::size_t i = begin; i < expr.size(); ++i) {
    const char c = expr[i];
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'' || c == '`') {
      quote = c;
    } else if (c == open) {
      ++depth;
    } else if (c == close && --depth == 0) {
      return i + 1;
    }
  }
  return expr.size();
}

std::size_t SkipBlanks(std::string_view expr, std::size_t i) {
  while (i < expr.size() && std::isspace(static_cast<unsigned char>(expr[i])) != 0) ++i;
  return i;
}

bool IsGrouping(std::string_view word) {
  constexpr auto kWords =
      std::to_array<std::string_view>({"by", "without", "on", "ignoring", "group_left", "group_right"});
  return std::ranges::find(kWords, word) != kWords.end();
}

bool IsOperator(std::string_view word) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"and", "or", "unless", "bool", "offset", "atan2", "inf", "nan", "Inf", "NaN"});
  return std::ranges::find(kWords, word) != kWords.end();
}

// One walk over an expression, remembering which function each open parenthesis belongs to.
class ReadScanner {
 public:
  explicit ReadScanner(std::string_view expr) : expr_(expr) {}

  std::vector<SeriesRead> Run() {
    while (at_ < expr_.size()) Step();
    return std::move(reads_);
  }

 private:
  void Step() {
    const char c = expr_[at_];
    if (c == '"' || c == '\'' || c == '`') {
      const std::size_t end = expr_.find(c, at_ + 1);
      at_ = end == std::string_view::npos ? expr_.size() : end + 1;
    } else if (c == '(') {
      functions_.push_back(std::exchange(pending_, ""));
      ++at_;
    } else if (c == ')') {
      if (!functions_.empty()) functions_.pop_back();
      ++at_;
    } else if (c == '{') {
      at_ = SkipGroup(expr_, at_, '{', '}');
    } else if (c == '[') {
      at_ = SkipGroup(expr_, at_, '[', ']');
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      while (at_ < expr_.size() && (IsWord(expr_[at_]) || expr_[at_] == '.')) ++at_;
    } else if (IsWordStart(c)) {
      ScanWord();
    } else {
      ++at_;
    }
  }

  void ScanWord() {
    const std::string word(NextWord());
    at_ = SkipBlanks(expr_, at_ + word.size());
    const bool opens = At('(');
    if (IsGrouping(word)) {
      if (opens) at_ = SkipGroup(expr_, at_, '(', ')');
    } else if (opens || NextWord() == "by" || NextWord() == "without") {
      pending_ = word;  // a function, or an aggregation with its grouping in front: sum by (x) (...)
    } else if (!IsOperator(word)) {
      ScanSelector(word);
    }
  }

  void ScanSelector(const std::string& metric) {
    if (At('{')) at_ = SkipBlanks(expr_, SkipGroup(expr_, at_, '{', '}'));
    std::string range;
    if (At('[')) {
      const std::size_t end = SkipGroup(expr_, at_, '[', ']');
      range = std::string(expr_.substr(at_ + 1, end - at_ - 2));
      at_ = end;
    }
    reads_.push_back({metric, range, functions_.empty() ? "" : functions_.back()});
  }

  bool At(char c) const { return at_ < expr_.size() && expr_[at_] == c; }
  std::string_view NextWord() const {
    const std::string_view rest = expr_.substr(at_);
    return rest.substr(0, WordLength(rest, true));
  }

  std::string_view expr_;
  std::size_t at_ = 0;
  std::vector<SeriesRead> reads_;
  std::vector<std::string> functions_;  // one for each open parenthesis
  std::string pending_;                 // the word right before the next parenthesis
};

// The variable that begins at text[i] == '$', and where it ends.
std::optional<std::pair<std::string, std::size_t>> VariableAt(std::string_view text, std::size_t i) {
  const bool braced = i + 1 < text.size() && text[i + 1] == '{';
  const std::size_t begin = i + (braced ? 2 : 1);
  if (begin >= text.size() || !IsWordStart(text[begin])) return std::nullopt;
  const std::size_t length = WordLength(text.substr(begin), false);
  if (length == 0) return std::nullopt;
  std::size_t end = begin + length;
  if (braced) end = std::min(text.find('}', end), text.size() - 1) + 1;
  return std::pair(std::string(text.substr(begin, length)), end);
}

}  // namespace

std::vector<SeriesRead> ScanReads(std::string_view expr) { return ReadScanner(expr).Run(); }

std::vector<std::string> ScanVariables(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t i = text.find('$'); i != std::string_view::npos; i = text.find('$', i + 1)) {
    const auto variable = VariableAt(text, i);
    if (variable && !variable->first.starts_with("__")) names.push_back(variable->first);
  }
  return names;
}

std::vector<std::string> ScanEqualityVariables(std::string_view expr) {
  std::vector<std::string> names;
  for (std::size_t i = expr.find('='); i != std::string_view::npos; i = expr.find('=', i + 1)) {
    const std::size_t quote = SkipBlanks(expr, i + 1);
    if (quote + 1 >= expr.size() || expr[quote] != '"' || expr[quote + 1] != '$') continue;
    if (const auto variable = VariableAt(expr, quote + 1)) names.push_back(variable->first);
  }
  return names;
}

std::vector<std::string> ScanLegendLabels(std::string_view legend) {
  std::vector<std::string> labels;
  for (std::size_t i = legend.find("{{"); i != std::string_view::npos; i = legend.find("{{", i + 2)) {
    const std::size_t end = legend.find("}}", i);
    if (end == std::string_view::npos) break;
    labels.emplace_back(Trim(legend.substr(i + 2, end - i - 2)));
  }
  return labels;
}

}  // namespace fleet::rulegen::grafana
