#include "exporter/fleet/family.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "lib/base/hash.h"

namespace fleet {
namespace {

constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostExemplars = 1000;  // of one family

std::uint64_t HashOf(const LabelIndexes& key) {
  return Hash({reinterpret_cast<const char*>(key.data()), sizeof(key)});
}

FamilyHeader HeaderOf(const catalog::MetricDef& def, std::string name) {
  const auto bounds = catalog::Bounds(def.buckets);
  return {std::move(name), def.type, def.unit, std::string(def.help), {bounds.begin(), bounds.end()}};
}

}  // namespace

Family::Family(const catalog::MetricDef& def, std::string name, std::vector<LabelSpace>& spaces)
    : def_(&def),
      layout_(LayoutOf(def)),
      header_(HeaderOf(def, std::move(name))),
      spaces_(&spaces),
      stride_(ValuesPerSeries(header_)) {}

void Family::SetAsOf(const LabelIndexes& labels, UnixMillis at, double value, bool lasting) {
  const SeriesId series = SeriesOf(labels);
  if (at.value < told_[series]) return;
  told_[series] = at.value;
  if (!lasting) expires_ = true;
  SetAt(series, value);
}

void Family::Observe(const LabelIndexes& labels, const Observation& observation) {
  const SeriesId series = SeriesOf(labels);
  const auto bound = std::ranges::lower_bound(header_.bounds, observation.value);
  const auto bucket = static_cast<std::size_t>(bound - header_.bounds.begin());
  double* const values = &ValueOf(series);
  values[bucket] += observation.weight;
  values[stride_ - 1] += observation.value * observation.weight;
  if (!observation.trace_id.empty()) KeepExemplar(series, bucket, observation);
}

void Family::AddDelta(const LabelIndexes& labels, const HistogramDelta& delta, double weight) {
  double* const values = &ValueOf(SeriesOf(labels));
  for (std::size_t i = 0; i < delta.counts.size(); ++i) values[i] += delta.counts[i] * weight;
  values[stride_ - 1] += delta.sum * weight;
}

void Family::Remove(const LabelIndexes& labels) {
  const BlockId block = FindBlock(KeyOf(labels));
  if (block == kNowhere) return;
  MakeAbsent(block * layout_.block_size + OffsetOf(labels));
  ForgetIfEmpty(block);
}

void Family::Expire(UnixMillis time) {
  if (!expires_) return;
  for (BlockId block = 0; block < keys_.size(); ++block) {
    const auto first = told_.begin() + block * layout_.block_size;
    const std::int64_t newest = *std::max_element(first, first + layout_.block_size);
    if (newest == 0 || newest >= time.value) continue;
    for (SeriesId i = 0; i < layout_.block_size; ++i) MakeAbsent(block * layout_.block_size + i);
    ForgetIfEmpty(block);
  }
}

LabelIndexes Family::KeyOf(const LabelIndexes& labels) const {
  LabelIndexes key{};
  for (std::size_t i = 0; i < def_->labels.size; ++i) {
    if (layout_.labels[i].in_key) key[i] = labels[i];
  }
  return key;
}

Family::BlockId Family::FindBlock(const LabelIndexes& key) const {
  if (!layout_.has_key) return keys_.empty() ? kNowhere : 0;
  return index_.Find(HashOf(key), [&](BlockId block) { return keys_[block] == key; });
}

Family::BlockId Family::AddBlock(const LabelIndexes& key) {
  BlockId block = 0;
  if (free_.empty()) {
    block = static_cast<BlockId>(keys_.size());
    keys_.push_back(key);
    const std::size_t series = keys_.size() * layout_.block_size;
    values_.resize(series * stride_);
    shown_at_.resize(series, kNowhere);
    if (def_->type == catalog::MetricType::kGauge) told_.resize(series);
  } else {
    block = free_.back();
    free_.pop_back();
    keys_[block] = key;
  }
  if (layout_.has_key) index_.Insert(HashOf(key), block);
  for (std::size_t i = 0; i < def_->labels.size; ++i) {
    if (layout_.labels[i].open != LabelLayout::kClosed) (*spaces_)[layout_.labels[i].open].Retain(key[i]);
  }
  // A point in time is unknown until told; everything else starts from 0.
  const bool absent = def_->type == catalog::MetricType::kGauge && def_->unit == catalog::Unit::kUnixSeconds;
  for (SeriesId i = 0; i < layout_.block_size; ++i) {
    const SeriesId series = block * layout_.block_size + i;
    ValueOf(series) = kAbsent;
    if (!absent) SetAt(series, 0);
  }
  return block;
}

void Family::FreeBlock(BlockId block) {
  index_.Erase(HashOf(keys_[block]), block);
  for (std::size_t i = 0; i < def_->labels.size; ++i) {
    const std::size_t open = layout_.labels[i].open;
    if (open != LabelLayout::kClosed) (*spaces_)[open].Release(keys_[block][i]);
  }
  if (!told_.empty()) std::fill_n(told_.begin() + block * layout_.block_size, layout_.block_size, 0);
  free_.push_back(block);
}

void Family::ForgetIfEmpty(BlockId block) {
  if (!layout_.has_key) return;
  for (SeriesId i = 0; i < layout_.block_size; ++i) {
    if (IsPresent(block * layout_.block_size + i)) return;
  }
  FreeBlock(block);
}

Family::SeriesId Family::SeriesOf(const LabelIndexes& labels) {
  const LabelIndexes key = KeyOf(labels);
  BlockId block = FindBlock(key);
  if (block == kNowhere) block = AddBlock(key);
  return block * layout_.block_size + OffsetOf(labels);
}

Family::SeriesId Family::OffsetOf(const LabelIndexes& labels) const {
  SeriesId offset = 0;
  for (std::size_t i = 0; i < def_->labels.size; ++i) offset += labels[i] * layout_.labels[i].factor;
  return offset;
}

bool Family::IsPresent(SeriesId series) const { return !std::isnan(values_[series * stride_]); }

void Family::SetAt(SeriesId series, double value) {
  if (!IsPresent(series)) {
    born_.push_back(series);
    ++present_;
    changed_ = true;
  }
  ValueOf(series) = value;
}

void Family::MakeAbsent(SeriesId series) {
  if (!IsPresent(series)) return;
  ValueOf(series) = kAbsent;
  shown_at_[series] = kNowhere;
  --present_;
  changed_ = true;
}

void Family::KeepExemplar(SeriesId series, std::size_t bucket, const Observation& observation) {
  const std::uint64_t places[] = {series, bucket};
  const std::uint64_t hash = Hash({reinterpret_cast<const char*>(places), sizeof(places)});
  std::uint32_t i = exemplar_index_.Find(hash, [&](std::uint32_t candidate) {
    return exemplars_[candidate].series == series && exemplars_[candidate].bucket == bucket;
  });
  if (i == HashIndex::kNone) {
    if (exemplars_.size() == kMostExemplars) return;
    i = static_cast<std::uint32_t>(exemplars_.size());
    exemplars_.emplace_back();
    exemplar_index_.Insert(hash, i);
  }
  exemplars_[i] = {series, bucket, std::string(observation.trace_id), observation.value, observation.at};
}

void Family::Collect(Snapshot& snapshot) {
  if (changed_) Rearrange();
  if (order_.empty()) return;
  FamilySnapshot family{&header_, labels_, {}, {}};
  family.values.resize(order_.size() * stride_);
  double* to = family.values.data();
  if (stride_ == 1) {
    for (const SeriesId series : order_) *to++ = values_[series];
  } else {
    for (const SeriesId series : order_) to = std::copy_n(&values_[series * stride_], stride_, to);
  }
  family.exemplars = CollectExemplars();
  snapshot.families.push_back(std::move(family));
}

std::vector<Exemplar> Family::CollectExemplars() const {
  std::vector<Exemplar> exemplars = exemplars_;
  for (Exemplar& exemplar : exemplars) exemplar.series = shown_at_[exemplar.series];
  std::ranges::sort(exemplars, {}, [](const Exemplar& e) { return std::pair(e.series, e.bucket); });
  return exemplars;
}

std::uint32_t Family::LabelIndexOf(SeriesId series, std::size_t label) const {
  const LabelLayout& layout = layout_.labels[label];
  if (layout.in_key) return keys_[series / layout_.block_size][label];
  const auto values = static_cast<std::uint32_t>(def_->labels[label].values.size());
  return series % layout_.block_size / layout.factor % values;
}

std::string_view Family::LabelText(SeriesId series, std::size_t label) const {
  const std::uint32_t index = LabelIndexOf(series, label);
  const std::size_t open = layout_.labels[label].open;
  return open == LabelLayout::kClosed ? def_->labels[label].values[index] : (*spaces_)[open].Text(index);
}

bool Family::Less(SeriesId a, SeriesId b) const {
  for (std::size_t i = 0; i < def_->labels.size; ++i) {
    const std::uint32_t index_a = LabelIndexOf(a, i);
    const std::uint32_t index_b = LabelIndexOf(b, i);
    if (index_a == index_b) continue;
    if (layout_.labels[i].open == LabelLayout::kClosed) return index_a < index_b;
    return LabelText(a, i) < LabelText(b, i);
  }
  return false;
}

void Family::AppendText(SeriesId series, std::string& text) const {
  for (std::size_t i = 0; i < def_->labels.size; ++i) {
    AppendLabel(text, def_->labels[i].name, LabelText(series, i));
  }
}

// Texts of series that stay are copied from the last list, only those of new ones are made.
void Family::Rearrange() {
  const std::vector<SeriesId> order = MergedOrder();
  auto labels = std::make_shared<SeriesLabels>();
  std::string text;
  for (std::size_t place = 0; place < order.size(); ++place) {
    const SeriesId series = order[place];
    if (shown_at_[series] != kNowhere) {
      labels->Add((*labels_)[shown_at_[series]]);
    } else {
      text.clear();
      AppendText(series, text);
      labels->Add(text);
    }
    shown_at_[series] = static_cast<std::uint32_t>(place);
  }
  order_ = order;
  labels_ = std::move(labels);
  changed_ = false;
}

std::vector<Family::SeriesId> Family::MergedOrder() {
  const auto less = [this](SeriesId a, SeriesId b) { return Less(a, b); };
  std::erase_if(born_, [this](SeriesId s) { return !IsPresent(s) || shown_at_[s] != kNowhere; });
  std::ranges::sort(born_);
  born_.erase(std::unique(born_.begin(), born_.end()), born_.end());
  std::ranges::sort(born_, less);

  std::vector<SeriesId> kept;
  kept.reserve(order_.size() + born_.size());
  for (std::size_t place = 0; place < order_.size(); ++place) {
    // A series that went, or went and came back as another one, is not where it was.
    if (shown_at_[order_[place]] == place) kept.push_back(order_[place]);
  }
  std::vector<SeriesId> merged;
  merged.reserve(kept.size() + born_.size());
  auto from = kept.cbegin();
  for (const SeriesId series : born_) {
    const auto until = std::upper_bound(from, kept.cend(), series, less);
    merged.insert(merged.end(), from, until);
    merged.push_back(series);
    from = until;
  }
  merged.insert(merged.end(), from, kept.cend());
  born_.clear();
  return merged;
}

}  // namespace fleet
