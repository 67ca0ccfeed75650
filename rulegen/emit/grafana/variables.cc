#include "rulegen/emit/grafana/variables.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "lib/base/text.h"

namespace fleet::rulegen::grafana {
namespace {

bool IsNameCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

class Substitution {
 public:
  explicit Substitution(std::string_view expr) : out_(expr) {}

  std::string Run() {
    while (at_ < out_.size()) Step();
    return std::move(out_);
  }

 private:
  void Step() {
    const char c = out_[at_];
    if (c == '"' || c == '\'' || c == '`') {
      SkipQuoted(c);
    } else if (c == '#') {
      at_ = std::min(out_.find('\n', at_), out_.size());
    } else if (c == '$') {
      const auto variable = VariableAt(out_, at_);
      Replace(at_, variable ? variable->end : at_ + 1);
    } else if (IsNameCharacter(c)) {
      const std::size_t begin = at_;
      while (at_ < out_.size() && IsNameCharacter(out_[at_])) ++at_;
      word_ = out_.substr(begin, at_ - begin);
      return;
    } else {
      if (c == '[' || c == '(' || c == '{') opened_.push_back(c == '(' && NamesLabels() ? 'l' : c);
      if ((c == ']' || c == ')' || c == '}') && !opened_.empty()) opened_.pop_back();
      ++at_;
    }
    if (std::isspace(static_cast<unsigned char>(c)) == 0) word_.clear();
  }

  void SkipQuoted(char quote) {
    for (++at_; at_ < out_.size() && out_[at_] != quote; ++at_) {
      if (out_[at_] == '\\' && quote != '`') ++at_;
    }
    at_ = std::min(at_ + 1, out_.size());
  }

  bool NamesLabels() const {
    constexpr auto kWords =
        std::to_array<std::string_view>({"by", "without", "on", "ignoring", "group_left", "group_right"});
    return std::find(kWords.begin(), kWords.end(), word_) != kWords.end();
  }

  void Replace(std::size_t begin, std::size_t end) {
    at_ = end;
    if (end == begin + 1) return;
    const auto fill = [&](std::string text) {
      text.resize(end - begin, ' ');
      out_.replace(begin, end - begin, text);
    };
    const char inside = opened_.empty() ? '\0' : opened_.back();
    const std::size_t next = out_.find_first_not_of(" \t\r\n", end);
    const char behind = next == std::string::npos ? '\0' : out_[next];
    if (inside == '[' || word_ == "offset") {
      fill("1h");
    } else if (inside == 'l' || inside == '{' || behind == '{' || behind == '[' || behind == '(') {
      for (std::size_t i = begin; i < end; ++i) {
        if (!IsNameCharacter(out_[i])) out_[i] = '_';
      }
    } else {
      fill("1");
    }
  }

  std::string out_;
  std::size_t at_ = 0;
  std::string word_;          // right before at_, blanks aside
  std::vector<char> opened_;  // brackets; 'l' is the parenthesis of a list of labels
};

}  // namespace

std::optional<VariableUse> VariableAt(std::string_view text, std::size_t at) {
  const bool braced = at + 1 < text.size() && text[at + 1] == '{';
  const std::size_t begin = at + (braced ? 2 : 1);
  if (begin >= text.size() || std::isdigit(static_cast<unsigned char>(text[begin])) != 0) return std::nullopt;
  std::size_t end = begin;
  while (end < text.size() && IsNameCharacter(text[end])) ++end;
  if (end == begin) return std::nullopt;
  const std::string_view name = text.substr(begin, end - begin);
  if (!braced) return VariableUse{name, end};
  const std::size_t close = text.find('}', end);
  if (close == std::string_view::npos) return std::nullopt;
  return VariableUse{name, close + 1};
}

std::string WithoutVariables(std::string_view expr) { return Substitution(expr).Run(); }

}  // namespace fleet::rulegen::grafana
