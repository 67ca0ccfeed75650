// Made-up series that give a query any value that is asked for, phase by phase.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "rulegen/proof/driven_series.h"

namespace fleet::rulegen {

// A value that holds for some scrapes, and the divisor of a quotient, as a multiple of the usual one.
struct Phase {
  double value = 0;
  std::int64_t scrapes = 0;
  double divisor = 1;
};

// The name of the group that gets into trouble; the only one where there cannot be a second.
inline constexpr char kFirstGroup[] = "g";

// Knows which series a query needs. The query must outlive it.
class QueryDrive {
 public:
  // Fails where one kind of series cannot do: conditions that nobody fulfils, a dividend that is its divisor.
  static Result<QueryDrive> For(const DrivenQuery& query, const Vocabulary& vocabulary);

  // Whether no value above 1 can be driven: the dividend is a part of the divisor.
  bool is_share() const { return is_part_ || query_->form == DrivenQuery::Form::kSlowShare; }
  // Values are taken as they are: no rate, and no product is rounded.
  bool is_exact() const;
  // Values are numbers of series.
  bool is_count() const { return query_->operand.aggregation == Aggregation::kCount; }
  Duration longest_window() const;
  // Adds series that miss one of the conditions each, so that rules without it compute something else.
  // `telling` is a value that would fire, were it a group of its own.
  void AddStrangers(double telling, std::int64_t scrapes, Duration interval,
                    std::vector<DrivenSeries>& series) const;
  // Adds the series of one group; `name` becomes the value of the labels that are free to choose. False where
  // there cannot be a second group.
  bool Add(const std::string& name, const std::vector<Phase>& phases, Duration interval,
           std::vector<DrivenSeries>& series) const;

  // Which labels tell the alerts of two groups apart; none: there is one group.
  const std::vector<std::string>& group_labels() const { return group_labels_; }

 private:
  explicit QueryDrive(const DrivenQuery& query) : query_(&query) {}

  Result<void> FindLabelsOfAll(const Vocabulary& vocabulary);
  Result<void> CheckAggregations() const;
  void FindStrangers(const Operand& operand, const catalog::MetricDef* metric);
  void AddOperand(const Operand& operand, const LabelMap& labels, const std::vector<Phase>& phases,
                  Duration interval, std::vector<DrivenSeries>& series) const;
  std::optional<LabelMap> InGroup(const LabelMap& labels, const Operand& operand,
                                  const std::string& name) const;
  std::string MemberLabel(const LabelMap& labels, const Operand& operand) const;

  const DrivenQuery* query_;
  LabelMap labels_;        // of the operand
  LabelMap other_labels_;  // of the divisor; where the operand is a part of it, of what is no operand
  bool is_part_ = false;
  struct Stranger {
    const Operand* operand;
    LabelMap labels;
    bool is_group;  // it misses the condition on a label that groups
  };
  std::vector<Stranger> strangers_;
  std::vector<std::string> group_labels_;
};

}  // namespace fleet::rulegen
