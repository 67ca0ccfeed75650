// The series of one metric: numbers in a flat array, label texts made once when a series is born.
//
// Series live in blocks (label_layout.h) found by a hash of the ids of their labels. A gauge may be
// absent: its value is unknown, it is not shown. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/snapshot.h"
#include "exporter/fleet/archive.h"
#include "exporter/fleet/histogram_delta.h"
#include "exporter/fleet/label_layout.h"
#include "exporter/fleet/label_space.h"
#include "lib/base/clock.h"
#include "lib/base/hash_index.h"

namespace fleet {

struct Observation {
  double value = 0;
  double weight = 1;            // 1 / sampling rate
  std::string_view trace_id{};  // empty: no exemplar
  UnixMillis at{};
};

class Family {
 public:
  // `def` and `spaces` (by index of kOpenLabels) must outlive the family.
  Family(const catalog::MetricDef& def, std::string name, std::vector<LabelSpace>& spaces);

  const catalog::MetricDef& def() const { return *def_; }
  const FamilyHeader& header() const { return header_; }
  // Series that are there, absent gauges not counted.
  std::size_t size() const { return present_; }

  // Makes the series of these labels, with all values of the closed labels, unless they exist.
  void Touch(const LabelIndexes& labels) { SeriesOf(labels); }
  void Add(const LabelIndexes& labels, double n) { values_[SeriesOf(labels)] += n; }
  void Set(const LabelIndexes& labels, double value) { SetAt(SeriesOf(labels), value); }
  // Ignored when the series was told a newer value before. `lasting` series do not expire.
  void SetAsOf(const LabelIndexes& labels, UnixMillis at, double value, bool lasting);
  // REQUIRES: a histogram. The same for the others: the verbs fit the type.
  void Observe(const LabelIndexes& labels, const Observation& observation);
  void AddDelta(const LabelIndexes& labels, const HistogramDelta& delta, double weight);
  // The gauge becomes absent; a block without any gauge left is forgotten.
  void Remove(const LabelIndexes& labels);
  // Forgets blocks of gauges not set since `time` by SetAsOf.
  void Expire(UnixMillis time);

  // All series with their values; Load leaves alone what it does not know, and is false when the family
  // has another form than what was saved (other buckets, other labels). `spaces` are the places that the
  // spaces of labels had then, as they are now. In family_state.cc.
  void Save(ArchiveWriter& archive) const;
  // Forgets what has a key, so that the spaces can be loaded.
  void Clear();
  bool Load(ArchiveReader& archive, const std::vector<std::size_t>& spaces);

  // Appends the family unless it has no series: sorted by the values of the labels from left to
  // right, closed ones in their declared order. Costs a copy when no series came or went.
  void Collect(Snapshot& snapshot);

 private:
  using SeriesId = std::uint32_t;  // block * block_size + offset
  using BlockId = std::uint32_t;
  static constexpr std::uint32_t kNowhere = HashIndex::kNone;

  LabelIndexes KeyOf(const LabelIndexes& labels) const;
  BlockId FindBlock(const LabelIndexes& key) const;
  BlockId AddBlock(const LabelIndexes& key);
  void FreeBlock(BlockId block);
  void ForgetIfEmpty(BlockId block);
  SeriesId SeriesOf(const LabelIndexes& labels);
  SeriesId OffsetOf(const LabelIndexes& labels) const;

  double& ValueOf(SeriesId series) { return values_[series * stride_]; }
  bool IsPresent(SeriesId series) const;
  void SetAt(SeriesId series, double value);
  void MakeAbsent(SeriesId series);
  void KeepExemplar(SeriesId series, std::size_t bucket, const Observation& observation);

  struct SavedForm;
  void SaveForm(ArchiveWriter& archive) const;
  bool LoadForm(ArchiveReader& archive, const std::vector<std::size_t>& spaces, SavedForm& form) const;
  void LoadBlock(ArchiveReader& archive, const SavedForm& form, const LabelIndexes& key,
                 std::vector<SeriesId>& loaded);
  void LoadSeries(ArchiveReader& archive, SeriesId series);

  std::uint32_t LabelIndexOf(SeriesId series, std::size_t label) const;
  std::string_view LabelText(SeriesId series, std::size_t label) const;
  bool Less(SeriesId a, SeriesId b) const;
  void AppendText(SeriesId series, std::string& text) const;
  void Rearrange();
  std::vector<SeriesId> MergedOrder();
  std::vector<Exemplar> CollectExemplars() const;

  const catalog::MetricDef* def_;
  MetricLayout layout_;
  FamilyHeader header_;
  std::vector<LabelSpace>* spaces_;
  std::size_t stride_;
  std::size_t present_ = 0;
  bool expires_ = false;

  std::vector<LabelIndexes> keys_;       // by block
  std::vector<BlockId> free_;            // blocks to reuse
  HashIndex index_;                      // key -> block
  std::vector<double> values_;           // by series, stride_ each
  std::vector<std::int64_t> told_;       // gauges: when SetAsOf set it, 0 for never
  std::vector<std::uint32_t> shown_at_;  // by series: its place in order_, or kNowhere

  std::vector<SeriesId> order_;  // as of labels_
  std::vector<SeriesId> born_;   // since then
  bool changed_ = false;         // a series came or went since then
  std::shared_ptr<const SeriesLabels> labels_ = std::make_shared<SeriesLabels>();

  std::vector<Exemplar> exemplars_;  // of series ids, not places
  HashIndex exemplar_index_;
};

}  // namespace fleet
