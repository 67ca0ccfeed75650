#include "exporter/fleet/parts_state.h"

#include <map>

#include "exporter/fleet/shape.h"

namespace fleet {
namespace {

constexpr std::uint64_t kForm = 1;  // of all this; parts and families look after their own

tl::unexpected<Error> NotAFleet() { return Fail("the snapshot is not one of a fleet"); }

}  // namespace

std::string SaveParts(Parts& parts, UnixMillis advanced) {
  ArchiveWriter archive;
  archive.PutCount(kForm);
  archive(advanced);
  archive.PutText(ShapeOf(parts.limits));
  ArchiveWriter text;
  text(parts.limits);
  archive.PutText(text.bytes());
  text.Clear();
  parts.series.Save(text);
  archive.PutText(text.bytes());
  parts.EachPart([&](std::string_view name, auto& part) {
    archive.PutText(name);
    archive.PutText(ShapeOf(part));
    text.Clear();
    text(part);
    archive.PutText(text.bytes());
  });
  return archive.Take();
}

Result<SavedHead> LoadHead(std::string_view bytes, const FleetLimits& otherwise) {
  SavedHead head{otherwise, {}};
  ArchiveReader archive(bytes);
  if (archive.GetCount() != kForm) return NotAFleet();
  archive(head.advanced);
  const bool can_read = archive.GetText() == ShapeOf(head.limits);
  ArchiveReader limits(archive.GetText());
  if (can_read) limits(head.limits);
  if (archive.failed() || limits.failed()) return NotAFleet();
  return head;
}

Result<std::vector<std::string>> LoadParts(std::string_view bytes, Parts& parts) {
  ArchiveReader archive(bytes);
  UnixMillis advanced;
  if (archive.GetCount() != kForm) return NotAFleet();
  archive(advanced);
  archive.GetText();  // the limits and
  archive.GetText();  // their shape
  ArchiveReader series(archive.GetText());
  std::vector<std::string> lost = parts.series.Load(series);
  if (archive.failed() || series.failed()) return NotAFleet();

  struct Saved {
    std::string_view shape, bytes;
  };
  std::map<std::string_view, Saved> saved;
  while (!archive.at_end() && !archive.failed()) {
    const std::string_view name = archive.GetText();
    const std::string_view shape = archive.GetText();
    saved[name] = {shape, archive.GetText()};
  }
  bool failed = archive.failed();
  parts.EachPart([&](std::string_view name, auto& part) {
    const auto it = saved.find(name);
    if (it == saved.end()) return;
    if (!CanRead(it->second.shape, ShapeOf(part))) {
      lost.emplace_back(name);
      return;
    }
    ArchiveReader text(it->second.bytes);
    text(part);
    failed = failed || text.failed();
  });
  if (failed) return NotAFleet();
  return lost;
}

}  // namespace fleet
