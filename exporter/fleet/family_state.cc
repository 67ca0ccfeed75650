// Families as bytes and back. The bytes say which labels and buckets the family had, so that a program
// with a newer catalog can tell whether they are still the same and where closed values have gone.
#include <algorithm>
#include <cmath>
#include <utility>

#include "exporter/fleet/family.h"

namespace fleet {

// How a saved family addressed its series, in terms of the family as it is now.
struct Family::SavedForm {
  struct Label {
    std::size_t place = 0;              // among the labels now
    bool in_key = false;                // then
    std::vector<std::uint32_t> values;  // closed sets: the place of each value now
    std::uint32_t factor = 0;
  };
  std::vector<Label> labels;
  std::uint32_t block_size = 1;

  // Of the series with this offset in the block of this key.
  LabelIndexes Labels(const LabelIndexes& key, std::uint32_t offset) const {
    LabelIndexes indexes{};
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const Label& label = labels[i];
      const auto size = static_cast<std::uint32_t>(label.values.size());
      const std::uint32_t index = label.in_key ? key[i] : offset / label.factor % size;
      indexes[label.place] = size == 0 ? index : label.values[std::min(index, size - 1)];
    }
    return indexes;
  }
};

namespace {

// The places of values of a closed set in that set as it is now; false when one is gone.
bool FindValues(ArchiveReader& archive, const catalog::LabelDef& def, std::vector<std::uint32_t>& places) {
  for (std::size_t left = archive.GetSize(); left > 0; --left) {
    const std::uint32_t place = ClosedValue(def, archive.GetText());
    if (place == kNoValue) return false;
    places.push_back(place);
  }
  return places.empty() == def.values.empty();
}

}  // namespace

void Family::SaveForm(ArchiveWriter& archive) const {
  archive.PutCount(static_cast<std::uint64_t>(def_->type));
  archive.PutCount(header_.bounds.size());
  for (const double bound : header_.bounds) archive.PutNumber(bound);
  archive.PutCount(def_->labels.size);
  for (std::size_t i = 0; i < def_->labels.size; ++i) {
    const catalog::LabelDef& def = def_->labels[i];
    archive.PutText(def.name);
    archive.PutCount(layout_.labels[i].in_key ? 1 : 0);
    archive.PutCount(layout_.labels[i].open == LabelLayout::kClosed ? 0 : layout_.labels[i].open + 1);
    archive.PutCount(def.values.size());
    for (const std::string_view value : def.values) archive.PutText(value);
  }
}

bool Family::LoadForm(ArchiveReader& archive, const std::vector<std::size_t>& spaces, SavedForm& form) const {
  if (archive.GetCount() != static_cast<std::uint64_t>(def_->type)) return false;
  std::vector<double> bounds(archive.GetSize());
  for (double& bound : bounds) bound = archive.GetNumber();
  const std::size_t labels = archive.GetCount();
  if (bounds != header_.bounds || labels != def_->labels.size) return false;
  for (std::size_t i = 0; i < labels; ++i) {
    const std::string_view name = archive.GetText();
    const auto* const def = std::ranges::find(def_->labels.begin(), def_->labels.end(), name,
                                              [](const catalog::LabelDef& d) { return d.name; });
    if (def == def_->labels.end()) return false;
    SavedForm::Label label;
    label.place = static_cast<std::size_t>(def - def_->labels.begin());
    label.in_key = archive.GetCount() != 0;
    const std::size_t space = archive.GetCount();
    const std::size_t open = layout_.labels[label.place].open;
    const bool same_space =
        space == 0 ? open == LabelLayout::kClosed : space <= spaces.size() && spaces[space - 1] == open;
    if (!same_space || !FindValues(archive, *def, label.values)) return false;
    form.labels.push_back(std::move(label));
  }
  for (std::size_t i = labels; i-- > 0;) {
    if (form.labels[i].in_key) continue;
    form.labels[i].factor = form.block_size;
    form.block_size *= static_cast<std::uint32_t>(form.labels[i].values.size());
  }
  return !archive.failed();
}

void Family::Save(ArchiveWriter& archive) const {
  SaveForm(archive);
  std::vector<bool> is_free(keys_.size(), false);
  for (const BlockId block : free_) is_free[block] = true;
  std::vector<std::uint32_t> place(keys_.size(), 0);  // among the blocks that are saved
  std::uint32_t blocks = 0;
  for (BlockId block = 0; block < keys_.size(); ++block) place[block] = is_free[block] ? kNowhere : blocks++;

  archive.PutCount(expires_ ? 1 : 0);
  archive.PutCount(blocks);
  for (BlockId block = 0; block < keys_.size(); ++block) {
    if (is_free[block]) continue;
    for (std::size_t i = 0; i < def_->labels.size; ++i) {
      if (layout_.labels[i].in_key) archive.PutCount(keys_[block][i]);
    }
    for (SeriesId i = 0; i < layout_.block_size; ++i) {
      const SeriesId series = block * layout_.block_size + i;
      archive.PutCount(IsPresent(series) ? 1 : 0);
      if (!told_.empty()) archive.PutSigned(told_[series]);
      if (!IsPresent(series)) continue;
      for (std::size_t v = 0; v < stride_; ++v) archive.PutNumber(values_[series * stride_ + v]);
    }
  }
  archive.PutCount(exemplars_.size());
  for (const Exemplar& e : exemplars_) {
    archive.PutCount(place[e.series / layout_.block_size] * std::size_t{layout_.block_size} +
                     e.series % layout_.block_size);
    archive.PutCount(e.bucket);
    archive.PutText(e.trace_id);
    archive.PutNumber(e.value);
    archive.PutSigned(e.time.value);
  }
}

bool Family::Load(ArchiveReader& archive, const std::vector<std::size_t>& spaces) {
  SavedForm form;
  if (!LoadForm(archive, spaces, form)) return false;
  expires_ = archive.GetCount() != 0;
  std::vector<SeriesId> loaded;
  for (std::size_t left = archive.GetCount(); left > 0 && !archive.failed(); --left) {
    LabelIndexes key{};
    for (std::size_t i = 0; i < form.labels.size(); ++i) {
      if (form.labels[i].in_key) key[i] = static_cast<std::uint32_t>(archive.GetCount());
    }
    LoadBlock(archive, form, key, loaded);
  }
  for (std::size_t left = archive.GetSize(); left > 0 && !archive.failed(); --left) {
    const std::size_t place = archive.GetCount();
    const std::size_t bucket = archive.GetCount();
    Observation observation;
    observation.trace_id = archive.GetText();
    observation.value = archive.GetNumber();
    observation.at = UnixMillis{archive.GetSigned()};
    if (place < loaded.size() && bucket <= header_.bounds.size()) {
      KeepExemplar(loaded[place], bucket, observation);
    }
  }
  return true;
}

void Family::LoadBlock(ArchiveReader& archive, const SavedForm& form, const LabelIndexes& key,
                       std::vector<SeriesId>& loaded) {
  for (std::uint32_t offset = 0; offset < form.block_size && !archive.failed(); ++offset) {
    const LabelIndexes labels = form.Labels(key, offset);
    for (std::size_t i = 0; i < def_->labels.size; ++i) {
      const std::size_t open = layout_.labels[i].open;
      if (open != LabelLayout::kClosed && labels[i] >= (*spaces_)[open].size()) return archive.Fail();
    }
    const SeriesId series = SeriesOf(labels);
    loaded.push_back(series);
    LoadSeries(archive, series);
  }
}

void Family::LoadSeries(ArchiveReader& archive, SeriesId series) {
  const bool present = archive.GetCount() != 0;
  if (!told_.empty()) told_[series] = archive.GetSigned();
  if (!present) return MakeAbsent(series);
  for (std::size_t v = 0; v < stride_; ++v) {
    const double value = archive.GetNumber();
    if (v == 0) SetAt(series, value);
    values_[series * stride_ + v] = value;
  }
}

}  // namespace fleet
