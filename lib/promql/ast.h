// A PromQL expression as values. All nodes of a tree live in one array and name each other by index, so
// that chains of ten thousand operators need no recursion to be copied, walked or freed.
//
// A tree that Parse (parser.h) returned without errors is typed and well-formed; rewrite.h keeps it so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/source_text.h"

namespace fleet::promql {

struct Function;  // functions.h

enum class ValueType : std::uint8_t { kScalar, kString, kInstantVector, kRangeVector };

// "instant vector"
std::string_view Name(ValueType type);

using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = UINT32_MAX;

using Label = Located<std::string>;

enum class MatchOp : std::uint8_t { kEqual, kNotEqual, kRegex, kNotRegex };
std::string_view Text(MatchOp op);  // "=~"

inline constexpr std::string_view kNameLabel = "__name__";

struct Matcher {
  std::string label;
  MatchOp op = MatchOp::kEqual;
  std::string value;  // unquoted
  Span span;
};

// 5m, 300 or, in `terms`, arithmetic: 5m + step(). In seconds; an offset may be negative.
struct DurationSpec {
  enum class Op : std::uint8_t {
    kNumber,
    kDuration,
    kStep,
    kRange,
    kMinOf,
    kMaxOf,
    kAdd,
    kSub,
    kMul,
    kDiv,
    kMod,
    kPow,
    kNegate,
    kParens
  };
  struct Term {
    Op op = Op::kNumber;
    double seconds = 0;
    friend bool operator==(const Term&, const Term&) = default;
  };

  double seconds = 0;       // without meaning when there are terms
  bool is_bare = false;     // written as a number: Prometheus 2 does not take it
  std::vector<Term> terms;  // in postfix order; empty for a constant
  Span span;

  bool is_constant() const { return terms.empty(); }
};

struct AtModifier {
  enum class Kind : std::uint8_t { kTimestamp, kStart, kEnd };
  Kind kind = Kind::kTimestamp;
  double seconds = 0;  // unix time, whole milliseconds
  friend bool operator==(const AtModifier&, const AtModifier&) = default;
};

struct TimeModifiers {
  std::optional<DurationSpec> offset;  // absent when it was written as zero
  std::optional<AtModifier> at;
};

struct NumberLiteral {
  double value = 0;
  bool is_duration = false;  // written as 5m: stays a duration when printed
};

struct StringLiteral {
  std::string value;
};

// name{matchers}, with a range or without. A name outside the braces is also the first matcher.
struct Selector {
  std::string name;
  std::vector<Matcher> matchers;
  std::optional<DurationSpec> range;
  TimeModifiers time;

  // The metric: the name, or the value of the one `__name__=`. Empty when it cannot be known.
  std::string_view metric() const;
};

struct Subquery {
  NodeId expr = kNoNode;
  DurationSpec range;
  std::optional<DurationSpec> step;
  TimeModifiers time;
};

struct Call {
  const Function* function = nullptr;
  std::vector<NodeId> args;
};

enum class AggregateOp : std::uint8_t {
  kSum,
  kAvg,
  kCount,
  kMin,
  kMax,
  kGroup,
  kStddev,
  kStdvar,
  kTopk,
  kBottomk,
  kCountValues,
  kQuantile,
};
std::string_view Text(AggregateOp op);  // "count_values"

struct Aggregate {
  enum class Clause : std::uint8_t { kNone, kBy, kWithout };
  AggregateOp op = AggregateOp::kSum;
  Clause clause = Clause::kNone;  // `by ()` is kNone
  std::vector<Label> labels;
  NodeId param = kNoNode;
  NodeId expr = kNoNode;
};

enum class BinaryOp : std::uint8_t {
  kOr,
  kAnd,
  kUnless,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kTrimUpper,  // of native histograms
  kTrimLower,
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMod,
  kAtan2,
  kPow,
};
std::string_view Text(BinaryOp op);  // "unless"
// 1 (or) to 6 (^); a unary sign has that of kMul.
int Precedence(BinaryOp op);
bool IsComparison(BinaryOp op);
bool IsSetOperator(BinaryOp op);

struct Matching {
  enum class Kind : std::uint8_t { kDefault, kOn, kIgnoring };
  enum class Group : std::uint8_t { kNone, kLeft, kRight };
  Kind kind = Kind::kDefault;  // `ignoring ()` is kDefault unless there is a group
  Group group = Group::kNone;
  std::vector<Label> labels;
  std::vector<Label> include;
};

struct Binary {
  BinaryOp op = BinaryOp::kAdd;
  bool returns_bool = false;
  Matching matching;
  NodeId lhs = kNoNode;
  NodeId rhs = kNoNode;
  Span op_span;
};

struct Unary {
  bool is_minus = false;
  NodeId expr = kNoNode;
};

struct Paren {
  NodeId expr = kNoNode;
};

struct Node {
  ValueType type = ValueType::kScalar;
  Span span;  // in the text that was parsed; empty for what a rewrite added
  std::variant<NumberLiteral, StringLiteral, Selector, Subquery, Call, Aggregate, Binary, Unary, Paren> data;
};

struct Tree {
  std::vector<Node> nodes;
  NodeId root = kNoNode;

  const Node& operator[](NodeId id) const { return nodes[id]; }
  Node& operator[](NodeId id) { return nodes[id]; }
  // REQUIRES: not empty.
  ValueType type() const { return nodes[root].type; }
};

// The same expression: places do not count, nor does the order of matchers.
bool SameExpression(const Tree& a, const Tree& b);
bool SameExpression(const Tree& a, NodeId top_a, const Tree& b, NodeId top_b);

}  // namespace fleet::promql
