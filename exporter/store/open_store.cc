// Opening the durable store: the folder, the file, a damaged one set aside, the fleet as it was.
#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "exporter/store/durable_store.h"
#include "exporter/store/inspect.h"
#include "exporter/store/restore.h"

namespace fleet {
namespace {

Result<void> MakeFolder(const std::string& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return {};
  std::filesystem::create_directories(folder, error);
  if (error) return Fail(fmt::format("{}: {}", folder, error.message()));
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  return {};
}

// The file, whole. A damaged one becomes `damage` and makes room for a new one.
Result<std::unique_ptr<StoreFile>> OpenFile(const std::string& path, UnixMillis now, std::string& damage) {
  auto opened = StoreFile::Open(path, Database::Access::kCreate);
  if (opened) {
    const auto verified = Verify(**opened);
    if (verified) return *std::move(opened);
    opened = tl::make_unexpected(FileFailure{true, verified.error().message});
  }
  if (!opened.error().damaged) return Fail(opened.error().message);
  const std::string what = opened.error().message;
  const auto name = SetAside(path, now);
  if (!name) return tl::make_unexpected(name.error());
  damage = fmt::format("the store was damaged ({}) and has been set aside as {}; counters begin from 0", what,
                       *name);
  opened = StoreFile::Open(path, Database::Access::kCreate);
  if (opened) return *std::move(opened);
  return Fail(opened.error().message);
}

}  // namespace

Result<std::unique_ptr<DurableStore>> DurableStore::Open(const StoreOptions& options, Fleet& fleet,
                                                         const Clock& clock, StoreObserver& observer) {
  const auto failed = [](const Error& error) {
    return Fail(error.message +
                "; choose another folder with --storage.path, or keep nothing with --storage.mode=memory");
  };
  if (const auto made = MakeFolder(options.folder); !made) return failed(made.error());
  const std::string path = StoreFileIn(options.folder);
  std::string damage;
  auto file = OpenFile(path, clock.Now(), damage);
  if (!file) return failed(file.error());
  const FleetLimits limits = fleet.limits();
  std::unique_ptr<DurableStore> store(new DurableStore(options, fleet, clock, observer, *std::move(file)));
  auto replayed = Replay(*store->file_, fleet, store->seen_);
  if (!replayed) return failed(replayed.error());
  store->recent_ids_ = std::move(replayed->recent);
  store->restored_ = {replayed->entries,        replayed->events,          replayed->ids,
                      replayed->unknown_events, std::move(replayed->lost), std::move(damage)};
  store->SetLimits(fleet, limits);
  store->background_ = std::thread([raw = store.get()] { raw->RunBackground(); });
  return store;
}

}  // namespace fleet
