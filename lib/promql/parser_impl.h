// The recursive descent behind Parse; for parser.cc and parse_*.cc only. After a syntax error `failed()`
// holds, every token is the end, and what functions return means nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/promql/ast.h"
#include "lib/promql/lexer.h"
#include "lib/promql/parser.h"

namespace fleet::promql {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), lexer_(text) { Advance(); }

  Parsed Run();

 private:
  // Tokens.
  bool failed() const { return failed_; }
  bool At(TokenKind kind) const { return token_.kind == kind; }
  std::string_view TextOf(const Token& t) const {
    return text_.substr(t.span.begin, t.span.end - t.span.begin);
  }
  std::string_view TokenText() const { return TextOf(token_); }
  Token Advance();
  bool Accept(TokenKind kind);
  // Fails with what was expected, and where.
  void Expect(TokenKind kind, std::string_view expected);
  void Unexpected(std::string_view expected);
  void Fail(Span span, std::string text);
  void Report(Span span, std::string text) { problems_.push_back({span, std::move(text)}); }
  std::string Describe(const Token& token) const;

  template <typename Data>
  NodeId Add(std::size_t begin, Data data) {
    if (tree_.nodes.size() >= kMaxNodes) Fail({begin, last_end_}, "the expression is too large");
    tree_.nodes.push_back({{}, {begin, last_end_}, std::move(data)});
    return static_cast<NodeId>(tree_.nodes.size() - 1);
  }

  // parser.cc
  NodeId Expression(int least_precedence);
  NodeId BinaryTail(std::size_t begin, NodeId lhs, int least_precedence);
  NodeId Operand();
  NodeId Signed();
  NodeId Primary();
  NodeId Word();
  NodeId Parenthesised();
  NodeId Number();
  NodeId Text();
  NodeId FunctionCall(const Token& name);
  NodeId Aggregation(const Token& name);
  std::vector<NodeId> Arguments();
  bool Clause(Aggregate& aggregate);
  Matching MatchingClause();

  // parse_selector.cc
  NodeId VectorSelector(std::optional<Token> name);
  void Braces(Selector& selector);
  void OneMatcher(Selector& selector);
  std::vector<Label> LabelList();
  std::optional<Label> OneLabel();
  NodeId Postfix(NodeId id);
  NodeId Brackets(NodeId id);
  void Offset(NodeId id);
  void AtTime(NodeId id);
  std::optional<AtModifier> ReadAtTime();
  TimeModifiers* TimeOf(NodeId id, Span modifier, std::string_view name);

  // parse_duration.cc
  DurationSpec RangeDuration();
  DurationSpec OffsetDuration();
  void DurationExpression(DurationSpec& spec, int least_precedence);
  void DurationPrimary(DurationSpec& spec);
  void DurationCall(DurationSpec& spec);
  void DurationBinary(DurationSpec& spec, const Token& op, std::size_t rhs);
  void Finish(DurationSpec& spec, std::size_t begin);
  // Value of the number or duration that comes next.
  std::optional<double> Seconds(bool& is_duration);

  std::string_view text_;
  Lexer lexer_;
  Token token_;
  std::size_t last_end_ = 0;  // of the token taken last
  int depth_ = 0;
  std::size_t pattern_cost_ = 0;  // of all patterns, in steps
  bool failed_ = false;
  Tree tree_;
  std::vector<Problem> problems_;
};

}  // namespace fleet::promql
