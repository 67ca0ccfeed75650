#include "rulegen/policy/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "lib/base/text.h"
#include "lib/base/usage.h"

namespace fleet::rulegen {
namespace {

// Of Prometheus 2.42 (template/template.go), then of Go (text/template).
constexpr std::string_view kFunctions[] = {
    "args",
    "externalURL",
    "first",
    "graphLink",
    "humanize",
    "humanize1024",
    "humanizeDuration",
    "humanizePercentage",
    "humanizeTimestamp",
    "label",
    "match",
    "parseDuration",
    "pathPrefix",
    "query",
    "reReplaceAll",
    "safeHtml",
    "sortByLabel",
    "stripDomain",
    "stripPort",
    "strvalue",
    "tableLink",
    "title",
    "toLower",
    "toTime",
    "toUpper",
    "value",
    "and",
    "call",
    "eq",
    "ge",
    "gt",
    "html",
    "index",
    "js",
    "le",
    "len",
    "lt",
    "ne",
    "not",
    "or",
    "print",
    "printf",
    "println",
    "slice",
    "urlquery",
};
constexpr std::string_view kNewFunctions[] = {"now", "toDuration", "urlQueryEscape"};
// Prometheus declares them before each text.
constexpr std::string_view kVariables[] = {"$", "$labels", "$externalLabels", "$externalURL", "$value"};

constexpr int kMostBrackets = 100;

enum class Kind {
  kWord,
  kField,
  kVariable,
  kNumber,
  kString,
  kOpen,
  kClose,
  kPipe,
  kComma,
  kDeclare,
  kAssign,
  kEnd
};

struct Token {
  Kind kind;
  std::string_view text;
};

bool IsWordPart(char c) {
  return IsDigit(c) || IsLetter(c) || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;  // letters of other scripts
}

template <typename Range>
bool Has(const Range& range, std::string_view word) {
  return std::find(std::begin(range), std::end(range), word) != std::end(range);
}

// Reads once from left to right, and stops at the first error.
class Parser {
 public:
  Parser(std::string_view text, bool knows_new) : rest_(text), knows_new_(knows_new) {}

  std::optional<std::string> Run() {
    while (!error_ && !rest_.empty()) {
      const std::size_t at = std::min(rest_.find("{{"), rest_.size());
      if (rest_.substr(0, at).find("}}") != std::string_view::npos) Fail("'}}' closes what nothing opened");
      rest_.remove_prefix(at);
      if (!error_ && !rest_.empty()) ReadAction();
    }
    if (!blocks_.empty()) Fail(fmt::format("'{{{{ {} }}}}' has no '{{{{ end }}}}'", blocks_.back().keyword));
    return std::move(error_);
  }

 private:
  struct Block {
    std::string_view keyword;
    std::size_t variables;  // declared outside of it
    bool has_else = false;
  };

  void Fail(std::string text) {
    if (!error_) error_ = std::move(text);
  }

  void ReadAction() {
    rest_.remove_prefix(2);
    if (rest_.starts_with("- ")) rest_.remove_prefix(2);
    if (rest_.starts_with("/*")) return SkipComment();
    tokens_.clear();
    next_ = 0;
    while (!error_ && ReadToken()) {
    }
    tokens_.push_back({Kind::kEnd, "}}"});
    if (!error_) ParseAction();
    if (!error_ && Peek().kind != Kind::kEnd) Fail(fmt::format("unexpected '{}'", Printable(Peek().text)));
  }

  void SkipComment() {
    const std::size_t end = rest_.find("*/");
    if (end == std::string_view::npos) return Fail("a comment is not closed");
    rest_.remove_prefix(end + 2);
    if (rest_.starts_with(" -}}")) rest_.remove_prefix(2);
    if (!rest_.starts_with("}}")) return Fail("a comment stands alone between '{{' and '}}'");
    rest_.remove_prefix(2);
  }

  // False at the end of the action, which is taken off, too.
  bool ReadToken() {
    bool after_space = false;
    for (; !rest_.empty() && IsSpace(rest_.front()); rest_.remove_prefix(1)) after_space = true;
    if (after_space && rest_.starts_with("-}}")) rest_.remove_prefix(1);
    if (rest_.starts_with("}}")) {
      rest_.remove_prefix(2);
      return false;
    }
    if (rest_.empty()) {
      Fail("'{{' has no '}}'");
      return false;
    }
    const char c = rest_.front();
    if (c == '"' || c == '`' || c == '\'') {
      ReadQuoted(c);
    } else if (IsDigit(c) || ((c == '-' || c == '+') && rest_.size() > 1 && IsDigit(rest_[1]))) {
      Take(Kind::kNumber, CountWord(1, "."));
    } else if (c == '.' && !rest_.starts_with("..")) {
      Take(Kind::kField, CountWord(1, ""));
    } else if (c == '$') {
      Take(Kind::kVariable, CountWord(1, ""));
    } else if (IsWordPart(c)) {
      Take(Kind::kWord, CountWord(1, ""));
    } else {
      ReadSign();
    }
    return true;
  }

  void ReadSign() {
    constexpr std::pair<std::string_view, Kind> kSigns[] = {
        {":=", Kind::kDeclare}, {"=", Kind::kAssign}, {"(", Kind::kOpen},
        {")", Kind::kClose},    {"|", Kind::kPipe},   {",", Kind::kComma},
    };
    for (const auto& [sign, kind] : kSigns) {
      if (rest_.starts_with(sign)) return Take(kind, sign.size());
    }
    Fail(fmt::format("unexpected '{}'", Printable(rest_.substr(0, 1))));
  }

  std::size_t CountWord(std::size_t from, std::string_view also) const {
    while (from < rest_.size() &&
           (IsWordPart(rest_[from]) || also.find(rest_[from]) != std::string_view::npos)) {
      ++from;
    }
    return from;
  }

  void ReadQuoted(char quote) {
    std::size_t end = 1;
    for (; end < rest_.size() && rest_[end] != quote; ++end) {
      if (quote == '`') continue;
      if (rest_[end] == '\n') end = rest_.size();
      if (rest_.substr(end).starts_with('\\')) ++end;
    }
    if (end >= rest_.size()) return Fail(fmt::format("the quote {} is not closed", quote));
    Take(Kind::kString, end + 1);
    if (rest_.starts_with('.')) Fail("unexpected '.' behind a text");
  }

  void Take(Kind kind, std::size_t length) {
    tokens_.push_back({kind, rest_.substr(0, length)});
    rest_.remove_prefix(length);
  }

  const Token& Peek() const { return tokens_[next_]; }
  const Token& Next() { return Peek().kind == Kind::kEnd ? Peek() : tokens_[next_++]; }
  bool Accept(Kind kind) { return Peek().kind == kind && (Next(), true); }

  void ParseAction() {
    const std::string_view word = Peek().kind == Kind::kWord ? Peek().text : std::string_view();
    if (word == "if" || word == "with" || word == "range") {
      Next();
      blocks_.push_back({word, variables_.size()});
      return Pipeline(fmt::format("'{}'", word), word == "range" ? 2 : 1);
    }
    if (word == "else") return Else();
    if (word == "end") return End();
    if (word == "break" || word == "continue") {
      Next();
      const bool loops = std::any_of(blocks_.begin(), blocks_.end(),
                                     [](const Block& block) { return block.keyword == "range"; });
      return loops ? void() : Fail(fmt::format("'{}' stands outside of a 'range'", word));
    }
    Pipeline("a template");
  }

  void Else() {
    if (blocks_.empty() || blocks_.back().has_else) return Fail("'else' without an 'if'");
    Next();
    Block& block = blocks_.back();
    // `else if` has no end of its own.
    if (block.keyword == "if" && Peek().text == "if") {
      Next();
      return Pipeline("'if'");
    }
    block.has_else = true;
  }

  void End() {
    if (blocks_.empty()) return Fail("'end' ends nothing");
    Next();
    variables_.resize(blocks_.back().variables);
    blocks_.pop_back();
  }

  void Pipeline(std::string_view where, std::size_t most_variables = 1) {
    Declarations(most_variables);
    bool is_first = true;
    do {
      // A pipe may end the action; Go takes that.
      if (!is_first && Peek().kind == Kind::kEnd) return;
      Command(where, is_first);
      is_first = false;
    } while (!error_ && Accept(Kind::kPipe));
  }

  // `$x := `, `$i, $v := ` of a range, or `$x = ` of one that is there.
  void Declarations(std::size_t most) {
    std::vector<std::string_view> names;
    std::size_t at = next_;
    while (tokens_[at].kind == Kind::kVariable) {
      names.push_back(tokens_[at++].text);
      if (tokens_[at].kind != Kind::kComma) break;
      ++at;
    }
    const Kind sign = tokens_[at].kind;
    if (names.empty() || (sign != Kind::kDeclare && sign != Kind::kAssign)) return;
    if (names.size() > most) return Fail("too many variables are declared at once");
    for (const std::string_view name : names) {
      if (sign == Kind::kAssign) CheckVariable(name);
    }
    if (sign == Kind::kDeclare) variables_.insert(variables_.end(), names.begin(), names.end());
    next_ = at + 1;
  }

  void CheckVariable(std::string_view name) {
    if (!Has(kVariables, name) && !Has(variables_, name)) Fail(Unknown("variable", name, kVariables));
  }

  // A function or value with arguments. `where`: for messages, "'if'".
  void Command(std::string_view where, bool is_first) {
    const Token first = Peek();
    const std::size_t begin = next_;
    while (!error_ && Operand()) {
    }
    if (error_) return;
    if (next_ == begin) {
      const bool ends = first.kind == Kind::kEnd || first.kind == Kind::kClose;
      return Fail(ends ? fmt::format("{} has no value", where)
                       : fmt::format("unexpected '{}'", Printable(first.text)));
    }
    const bool is_constant = first.kind == Kind::kNumber || first.kind == Kind::kString;
    if (!is_first && is_constant)
      Fail(fmt::format("{} stands behind a pipe, and is no function", first.text));
  }

  bool Operand() {
    switch (Peek().kind) {
      case Kind::kWord:
        CheckFunction(Peek().text);
        break;
      case Kind::kVariable:
        CheckVariable(Peek().text);
        break;
      case Kind::kField:
      case Kind::kNumber:
      case Kind::kString:
        break;
      case Kind::kOpen:
        Next();
        if (++depth_ > kMostBrackets) Fail(fmt::format("more than {} brackets are open", kMostBrackets));
        if (!error_) Pipeline("a bracket");
        --depth_;
        if (!error_ && Peek().kind != Kind::kClose) Fail("'(' has no ')'");
        break;
      default:
        return false;
    }
    if (!error_) Next();
    return true;
  }

  void CheckFunction(std::string_view name) {
    if (name == "true" || name == "false" || name == "nil" || Has(kFunctions, name)) return;
    if (!Has(kNewFunctions, name)) return Fail(Unknown("function", name, kFunctions));
    if (!knows_new_) Fail(fmt::format("Prometheus 2.42 does not know the function '{}'", name));
  }

  std::string_view rest_;
  bool knows_new_;
  std::vector<Token> tokens_;  // of an action, kEnd last
  std::size_t next_ = 0;
  int depth_ = 0;
  std::vector<Block> blocks_;
  std::vector<std::string_view> variables_;
  std::optional<std::string> error_;
};

}  // namespace

std::optional<std::string> TemplateError(std::string_view text, bool knows_new) {
  return Parser(text, knows_new).Run();
}

}  // namespace fleet::rulegen
