// Labels that are used where they cannot be, and sides that cannot match.
#include <fmt/format.h>

#include "lib/base/text.h"
#include "lib/promql/functions.h"
#include "lib/promql/lint_parts.h"
#include "lib/promql/visit.h"

namespace fleet::promql {
namespace {

class LabelLint {
 public:
  LabelLint(LintContext& context, NodeId id, const std::vector<LabelSet>& sets)
      : context_(context), sets_(sets), node_(context.tree[id]) {}

  void Run() {
    if (const auto* aggregate = std::get_if<Aggregate>(&node_.data)) LintAggregate(*aggregate);
    if (const auto* call = std::get_if<Call>(&node_.data)) LintCall(*call);
    if (const auto* binary = std::get_if<Binary>(&node_.data)) LintBinary(*binary);
  }

 private:
  void Lost(Span span, const std::string& label, const LabelSet& from) {
    if (from.may_have(label)) return;
    context_.Report("label-lost", span, fmt::format("no series has a label '{}' here", Printable(label)))
        .notes.push_back("labels that can be here: " + Describe(from));
  }

  void LintAggregate(const Aggregate& aggregate) {
    if (aggregate.clause != Aggregate::Clause::kBy) return;
    for (const Label& label : aggregate.labels) Lost(label.span, label.value, sets_[aggregate.expr]);
  }

  void LintCall(const Call& call) {
    const std::string_view name = call.function->name;
    if (name == "label_replace") LostSource(call.args[3], call.args[0]);
    if (name == "label_join") {
      for (std::size_t i = 3; i < call.args.size(); ++i) LostSource(call.args[i], call.args[0]);
    }
    if (name == "histogram_quantile") LintQuantile(call.args[1]);
  }

  void LostSource(NodeId literal, NodeId from) {
    const auto* label =
        std::get_if<StringLiteral>(&context_.tree[WithoutParens(context_.tree, literal)].data);
    if (label == nullptr || label->value.empty()) return;
    Lost(context_.tree[literal].span, label->value, sets_[from]);
  }

  // Native histograms have no `le`: only what ends in _bucket is surely none.
  void LintQuantile(NodeId of) {
    if (sets_[of].may_have("le") || !ReadsBuckets(of)) return;
    context_
        .Report("le-lost", context_.tree[of].span,
                "histogram_quantile() finds no buckets: the label 'le' is aggregated away")
        .notes.emplace_back("keep it, as in sum by (le) (...)");
  }

  bool ReadsBuckets(NodeId top) const {
    for (const NodeId id : Preorder(context_.tree, top)) {
      const auto* selector = std::get_if<Selector>(&context_.tree[id].data);
      if (selector != nullptr && selector->metric().ends_with("_bucket")) return true;
    }
    return false;
  }

  void LintBinary(const Binary& binary) {
    const auto is_vector = [&](NodeId id) { return context_.tree[id].type == ValueType::kInstantVector; };
    if (!is_vector(binary.lhs) || !is_vector(binary.rhs) || binary.op == BinaryOp::kOr) return;
    const LabelSet& left = sets_[binary.lhs];
    const LabelSet& right = sets_[binary.rhs];
    if (CannotMatch(binary, left, right, "right") || CannotMatch(binary, right, left, "left")) return;
    if (IsAmbiguous(binary, left, right)) return;
    if (binary.matching.kind == Matching::Kind::kOn) {
      for (const Label& label : binary.matching.labels) LostOnOneSide(label, left, right);
    }
    const bool is_right = binary.matching.group == Matching::Group::kRight;
    for (const Label& label : binary.matching.include) Lost(label.span, label.value, is_right ? left : right);
  }

  // Lacking on both sides it decides nothing, which is as much of a mistake.
  void LostOnOneSide(const Label& label, const LabelSet& left, const LabelSet& right) {
    Lost(label.span, label.value, left.may_have(label.value) ? right : left);
  }

  // What each series of `here` has and none of `there`.
  bool CannotMatch(const Binary& binary, const LabelSet& here, const LabelSet& there, std::string_view side) {
    for (const auto& [label, value] : here.sure) {
      if (!IsMatchedOn(binary.matching, label)) continue;
      const auto other = there.sure.find(label);
      const bool differs = value && other != there.sure.end() && other->second && *value != *other->second;
      if (there.may_have(label) && !differs) continue;
      Diagnostic& diagnostic =
          context_.Report("matching-impossible", binary.op_span,
                          fmt::format("'{}' finds no pair of series: ", Text(binary.op)));
      diagnostic.text += differs ? fmt::format("label '{}' is \"{}\" on one side and \"{}\" on the other",
                                               Printable(label), Printable(*value), Printable(*other->second))
                                 : fmt::format("the {} side has no label '{}', which the other always has",
                                               side, Printable(label));
      return true;
    }
    return false;
  }

  // The buckets of one histogram, with nothing to tell them apart.
  bool IsAmbiguous(const Binary& binary, const LabelSet& left, const LabelSet& right) {
    if (IsSetOperator(binary.op)) return false;
    const auto group = binary.matching.group;
    for (const auto& [set, side, may_be_many] :
         {std::tuple(&left, "left", group == Matching::Group::kLeft),
          std::tuple(&right, "right", group == Matching::Group::kRight)}) {
      if (may_be_many) continue;
      for (const std::string& label : set->spread) {
        if (IsMatchedOn(binary.matching, label)) continue;
        context_.Report("matching-ambiguous", binary.op_span,
                        fmt::format("'{}' fails: on the {} side several series differ only in '{}', which is "
                                    "not matched on",
                                    Text(binary.op), side, Printable(label)));
        return true;
      }
    }
    return false;
  }

  LintContext& context_;
  const std::vector<LabelSet>& sets_;
  const Node& node_;
};

}  // namespace

void LintLabels(LintContext& context, NodeId id, const std::vector<LabelSet>& sets) {
  LabelLint(context, id, sets).Run();
}

}  // namespace fleet::promql
