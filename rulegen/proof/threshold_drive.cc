#include "rulegen/proof/threshold_drive.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace fleet::rulegen {
namespace {

using Each = Operand::Each;
using Form = DrivenQuery::Form;

// The divisor's usual value. Of gauges many multiples of it are whole numbers, so that quotients are exact.
double UsualDivisor(const Operand& operand) { return operand.each == Each::kRate ? 1000 : 6400; }

using MemberNumber = std::function<std::optional<double>(double)>;

// How many series of which numbers are `value` together: unlike ones, so that another aggregation gives
// another value.
std::vector<MemberNumber> Members(const Operand& operand, double largest) {
  const auto times = [](double factor) { return [factor](double value) { return factor * value; }; };
  if (!operand.aggregation) return {times(1)};
  switch (*operand.aggregation) {
    case Aggregation::kSum:
      return {times(0.25), times(0.75)};
    case Aggregation::kAverage:
      return {times(0.5), times(1.5)};
    case Aggregation::kMax:
      return {times(1), times(0.5)};
    case Aggregation::kMin:
      return {times(1), [](double value) { return 1.5 * value + 1; }};
    case Aggregation::kCount:
      break;
  }
  std::vector<MemberNumber> members;
  for (int i = 0; i < static_cast<int>(std::ceil(largest)); ++i) {
    members.emplace_back([i](double value) { return value > i ? std::optional<double>(1) : std::nullopt; });
  }
  return members;
}

bool Holds(const std::vector<std::string>& labels, const std::string& label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

// What the label of a group may be called: as the group, or where conditions forbid that, for all groups but
// the first as one of those that are allowed.
std::vector<std::string> ValuesFor(const std::string& group, const std::string& label,
                                   const Operand& operand) {
  std::vector<std::string> values = {group};
  for (const Condition& condition : operand.where) {
    if (group == kFirstGroup || *condition.label != label || condition.kind != MatchKind::kOneOf) continue;
    for (const Text& value : condition.values) values.push_back(*value);
  }
  return values;
}

std::vector<Phase> WithValues(std::vector<Phase> phases, const std::function<double(const Phase&)>& value) {
  for (Phase& phase : phases) phase.value = value(phase);
  return phases;
}

}  // namespace

Result<QueryDrive> QueryDrive::For(const DrivenQuery& query, const Vocabulary& vocabulary) {
  QueryDrive drive(query);
  if (auto found = drive.FindLabelsOfAll(vocabulary); !found) return tl::make_unexpected(found.error());
  if (auto fit = drive.CheckAggregations(); !fit) return tl::make_unexpected(fit.error());
  return drive;
}

Result<void> QueryDrive::FindLabelsOfAll(const Vocabulary& vocabulary) {
  const auto metric = [&](const Operand& operand) { return vocabulary.Find(operand.metric); };
  const Operand& operand = query_->operand;
  const bool is_one_metric = query_->over && query_->over->metric == operand.metric;
  std::vector<Condition> where = operand.where;
  if (is_one_metric) where.insert(where.end(), query_->over->where.begin(), query_->over->where.end());
  auto labels = FindLabels(metric(operand), where);
  is_part_ = is_one_metric && labels.has_value();
  if (!labels) labels = FindLabels(metric(operand), operand.where);
  if (!labels) return Fail("no labels were found that fulfil its conditions");
  labels_ = *labels;
  if (query_->over) {
    auto others = FindLabels(metric(*query_->over), query_->over->where, is_part_ ? &operand.where : nullptr);
    if (!others) return Fail("no labels were found that fulfil the conditions of its divisor");
    other_labels_ = *others;
  }
  // Of a part of its divisor, the rest of the divisor misses its conditions.
  if (!is_part_) FindStrangers(operand, metric(operand));
  if (query_->over) FindStrangers(*query_->over, metric(*query_->over));
  group_labels_ = operand.by;
  if (!operand.aggregation) {
    for (const auto& [label, value] : labels_) group_labels_.push_back(label);
    group_labels_.push_back(MemberLabel(labels_, operand));
  }
  return {};
}

Result<void> QueryDrive::CheckAggregations() const {
  const Operand& operand = query_->operand;
  const auto sums = [](const Operand& each) { return each.aggregation == Aggregation::kSum; };
  if (is_part_ && (!sums(operand) || !sums(*query_->over) || operand.scale != 1 || query_->over->scale != 1 ||
                   operand.each != query_->over->each)) {
    return Fail("its dividend is a part of its divisor, and they are no sums of the same kind");
  }
  const auto counts = [](const Operand& each) { return each.aggregation == Aggregation::kCount; };
  if (counts(operand) && operand.each == Each::kRate) return Fail("a count of rates is not driven");
  if (query_->over && (counts(operand) || counts(*query_->over)))
    return Fail("a quotient of counts is not driven");
  return {};
}

bool QueryDrive::is_exact() const {
  const auto exact = [](const Operand& operand) { return operand.each != Each::kRate && operand.scale == 1; };
  return query_->form != Form::kSlowShare && exact(query_->operand) &&
         (!query_->over || exact(*query_->over));
}

Duration QueryDrive::longest_window() const {
  const Duration own = query_->operand.window;
  return query_->over ? std::max(own, query_->over->window) : own;
}

// A label that tells the members of a group apart, which nobody asks for.
std::string QueryDrive::MemberLabel(const LabelMap& labels, const Operand& operand) const {
  for (const char* label : {"instance", "pod", "member"}) {
    if (labels.count(label) == 0 && !Holds(operand.by, label)) return label;
  }
  return "other_member";
}

std::optional<LabelMap> QueryDrive::InGroup(const LabelMap& labels, const Operand& operand,
                                            const std::string& name) const {
  LabelMap result = labels;
  bool is_free = operand.by.empty();
  for (const std::string& label : operand.by) {
    const auto [place, is_new] = result.emplace(label, name);
    is_free = is_free || is_new;
    if (is_new) continue;
    const std::string chosen = place->second;
    for (const std::string& value : ValuesFor(name, label, operand)) {
      place->second = value;
      if (value != chosen && Fulfil(result, operand.where)) break;
      place->second = chosen;
    }
    is_free = is_free || place->second != chosen;
  }
  if (!operand.aggregation) result.emplace(MemberLabel(labels, operand), name);
  // Where the conditions leave no choice there is one group.
  if (name != kFirstGroup && (!is_free || (operand.aggregation && operand.by.empty()))) return std::nullopt;
  return result;
}

void QueryDrive::FindStrangers(const Operand& operand, const catalog::MetricDef* metric) {
  for (std::size_t i = 0; i < operand.where.size(); ++i) {
    std::vector<Condition> others = operand.where;
    const std::vector<Condition> missed = {others[i]};
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const std::string& label = *missed.front().label;
    auto labels = FindLabels(metric, others, &missed);
    if (labels) strangers_.push_back({&operand, *std::move(labels), Holds(operand.by, label)});
  }
}

// One that is put to the others must count: a large number, or of a minimum a small one. One that is a group
// of its own must fire.
void QueryDrive::AddStrangers(double telling, std::int64_t scrapes, Duration interval,
                              std::vector<DrivenSeries>& series) const {
  for (const Stranger& stranger : strangers_) {
    const Operand& operand = *stranger.operand;
    LabelMap labels = stranger.labels;
    for (const std::string& label : operand.by) labels.emplace(label, "g");
    labels.emplace(MemberLabel(labels, operand), "stranger");
    const bool is_divisor = stranger.operand != &query_->operand;
    double number = 1e6;
    if (operand.aggregation == Aggregation::kMin) number = 0;
    if (!is_divisor && (!operand.aggregation || stranger.is_group)) {
      number = telling / operand.scale * (query_->over ? UsualDivisor(*query_->over) : 1);
    }
    const std::optional<double> stored = Storable(number, operand.each, interval);
    DrivenSeries& one =
        series.emplace_back(DrivenSeries{operand.metric, std::move(labels), operand.each, {}});
    one.numbers.assign(static_cast<std::size_t>(scrapes), stored);
  }
}

void QueryDrive::AddOperand(const Operand& operand, const LabelMap& labels, const std::vector<Phase>& phases,
                            Duration interval, std::vector<DrivenSeries>& series) const {
  double largest = 0;
  for (const Phase& phase : phases) largest = std::max(largest, phase.value / operand.scale);
  const std::string member = MemberLabel(labels, operand);
  char name = 'a';
  int count = 0;
  for (const MemberNumber& number : Members(operand, largest)) {
    DrivenSeries& one = series.emplace_back(DrivenSeries{operand.metric, labels, operand.each, {}});
    if (operand.aggregation)
      one.labels[member] = std::string(1, name) + (count == 0 ? "" : std::to_string(count));
    if (++name > 'z') {
      name = 'a';
      ++count;
    }
    for (const Phase& phase : phases) {
      std::optional<double> value = number(phase.value / operand.scale);
      if (value) value = Storable(*value, operand.each, interval);
      one.numbers.insert(one.numbers.end(), static_cast<std::size_t>(phase.scrapes), value);
    }
  }
}

bool QueryDrive::Add(const std::string& name, const std::vector<Phase>& phases, Duration interval,
                     std::vector<DrivenSeries>& series) const {
  const Operand& operand = query_->operand;
  const auto labels = InGroup(labels_, operand, name);
  if (!labels) return false;
  if (!query_->over) {
    AddOperand(operand, *labels, phases, interval, series);
    return true;
  }
  const Operand& over = *query_->over;
  // A group has one name on both sides.
  LabelMap others = other_labels_;
  for (const std::string& label : over.by) {
    const auto found = labels->find(label);
    if (found != labels->end()) others[label] = found->second;
  }
  if (!Fulfil(others, over.where) || (is_part_ && Fulfil(others, operand.where))) return false;
  const double usual = UsualDivisor(over);
  const auto part = [&](const Phase& phase) { return phase.value * usual * (is_part_ ? phase.divisor : 1); };
  const bool is_slow_share = query_->form == Form::kSlowShare;
  AddOperand(operand, *labels,
             WithValues(phases,
                        [&](const Phase& phase) {
                          return is_slow_share ? (1 - phase.value) * usual * phase.divisor : part(phase);
                        }),
             interval, series);
  AddOperand(over, others,
             WithValues(phases,
                        [&](const Phase& phase) {
                          return (is_part_ ? 1 - phase.value : 1) * usual * phase.divisor;
                        }),
             interval, series);
  return true;
}

}  // namespace fleet::rulegen
