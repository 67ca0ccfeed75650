// All series as bytes and back. Spaces of labels and families are found by their names: the catalog of
// the program that reads may be a newer one.
#include "exporter/fleet/series.h"

namespace fleet {
namespace {

// The space of that name, the n-th where there are several; kClosed when it is gone.
std::size_t FindSpace(std::string_view name, std::size_t n) {
  for (std::size_t i = 0; i < kOpenLabels.size; ++i) {
    if (kOpenLabels.all[i].name == name && n-- == 0) return i;
  }
  return LabelLayout::kClosed;
}

std::size_t CountBefore(std::size_t space) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < space; ++i) count += kOpenLabels.all[i].name == kOpenLabels.all[space].name;
  return count;
}

}  // namespace

// Each space and each family is a text of its own, so that a reader can pass over it.
void Series::Save(ArchiveWriter& archive) const {
  ArchiveWriter text;
  archive.PutCount(spaces_.size());
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    archive.PutText(kOpenLabels.all[i].name);
    archive.PutCount(CountBefore(i));
    text.Clear();
    spaces_[i].Save(text);
    archive.PutText(text.bytes());
  }
  archive.PutCount(families_.size());
  for (const Family& family : families_) {
    archive.PutText(family.def().name);
    text.Clear();
    family.Save(text);
    archive.PutText(text.bytes());
  }
}

std::vector<std::string> Series::Load(ArchiveReader& archive) {
  std::vector<std::size_t> spaces(archive.GetSize());
  for (std::size_t& space : spaces) {
    const std::string_view name = archive.GetText();
    space = FindSpace(name, archive.GetCount());
    ArchiveReader text(archive.GetText());
    if (space == LabelLayout::kClosed) continue;
    spaces_[space].Load(text);
    if (text.failed()) archive.Fail();
  }
  std::vector<std::string> lost;
  for (std::size_t left = archive.GetSize(); left > 0 && !archive.failed(); --left) {
    const std::string_view name = archive.GetText();
    ArchiveReader text(archive.GetText());
    const catalog::MetricDef* const def = catalog::Find(name);
    if (def == nullptr || !families_[def - catalog::kMetrics].Load(text, spaces)) lost.emplace_back(name);
    if (text.failed()) archive.Fail();
  }
  return lost;
}

}  // namespace fleet
