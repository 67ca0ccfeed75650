// Power cuts and full disks at every write: what was acknowledged is there, nothing is there twice.
#include <catch2/catch.hpp>
#include <fstream>

#include "tests/unit/exporter/store/faulty_disk.h"
#include "tests/unit/exporter/store/store_fixture.h"

using fleet::test::FaultyDisk;
using fleet::test::StoreFixture;
using fleet::test::TemporaryFolder;

namespace {

// How many events had been sent, and how many acknowledged, when the disk had done so many operations.
struct Moment {
  std::size_t operations = 0;
  int sent = 0;
  int acknowledged = 0;
};

// A life of a store: requests of one to three events, snapshots between them.
std::vector<Moment> Live(StoreFixture& f, const FaultyDisk& disk, int requests) {
  std::vector<Moment> moments;
  int sent = 0;
  const auto note = [&](int acknowledged) { moments.push_back({disk.size(), sent, acknowledged}); };
  note(0);
  f.Start();
  for (int i = 0; i < requests; ++i) {
    std::vector<std::string> ids;
    for (int k = 0; k <= i % 3; ++k) ids.push_back("e" + std::to_string(sent + k));
    sent += static_cast<int>(ids.size());
    moments.back().sent = sent;
    REQUIRE(f.Send(ids) == std::to_string(ids.size()) + " new");
    note(sent);
    if (i % 3 == 2) REQUIRE(f.store().Compact());
    if (i == 4) f.Restart();
  }
  f.Stop();
  return moments;
}

// The store that is found after the power came back.
void CheckFound(const std::map<std::string, std::string>& files, const Moment& moment) {
  StoreFixture found;
  for (const auto& [name, bytes] : files) {
    std::ofstream(found.folder.path() + "/" + name, std::ios::binary) << bytes;
  }
  found.Start();
  REQUIRE(found.store().restored().damage == "");
  const int created = std::stoi(found.Created());
  REQUIRE(created >= moment.acknowledged);
  REQUIRE(created <= moment.sent);
  // Sent again, all of them, they are what was missing.
  std::vector<std::string> ids;
  for (int i = 0; i < moment.sent; ++i) ids.push_back("e" + std::to_string(i));
  REQUIRE(found.Send(ids) == std::to_string(moment.sent - created) + " new");
  REQUIRE(found.Created() == std::to_string(moment.sent));
}

}  // namespace

TEST_CASE("a power cut after any write loses nothing that was acknowledged") {
  using Cut = FaultyDisk::Cut;
  std::vector<Moment> moments;
  std::vector<std::map<std::string, std::string>> found;
  std::vector<Moment> when;
  {
    FaultyDisk disk;
    StoreFixture f;
    moments = Live(f, disk, 7);
    std::size_t now = 0;
    for (std::size_t operations = 0; operations <= disk.size(); ++operations) {
      while (now + 1 < moments.size() && moments[now + 1].operations <= operations) ++now;
      for (const Cut cut : {Cut::kAllWritten, Cut::kUnsyncedLost, Cut::kUnsyncedMixed, Cut::kLastTorn}) {
        auto files = disk.FilesAfter(operations, cut);
        if (!found.empty() && files == found.back()) continue;
        found.push_back(std::move(files));
        when.push_back(moments[now]);
      }
    }
  }
  CHECK(found.size() > 150);
  FaultyDisk fast;  // its syncs are free
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("state " << i << " of " << found.size() << ", acknowledged " << when[i].acknowledged);
    CheckFound(found[i], when[i]);
  }
}

TEST_CASE("a disk that is full from any write on is survived, and works again when it is not") {
  for (int writes = 0; writes < 60; writes += 2) {
    FaultyDisk disk;
    StoreFixture f;
    f.Start();
    disk.LetWrite(writes);
    int acknowledged = 0;
    for (int i = 0; i < 12; ++i) {
      const std::string id = "e" + std::to_string(i);
      const std::string answer = f.Send({id});
      acknowledged += answer == "1 new";
      if (answer != "1 new") REQUIRE(answer == "the store cannot be written now; try again later");
      REQUIRE(f.Created() == std::to_string(acknowledged));  // readings go on
      if (i == 6) (void)f.store().Compact();
    }
    disk.LetWrite(-1);
    std::vector<std::string> all;
    for (int i = 0; i < 12; ++i) all.push_back("e" + std::to_string(i));
    REQUIRE(f.Send(all) == std::to_string(12 - acknowledged) + " new");
    REQUIRE(f.store().Compact());
    REQUIRE(f.Created() == "12");
    f.Restart();
    REQUIRE(f.store().restored().damage == "");
    REQUIRE(f.Created() == "12");
    REQUIRE(f.Send(all) == "0 new");
  }
}
