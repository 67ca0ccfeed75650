// A disk under SQLite that remembers every write and every sync, or refuses writes: for power cuts and
// full disks at every possible moment.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace fleet::test {

// While it lives, all databases opened by this process are on it. One at a time.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  struct Operation {
    enum class Kind { kWrite, kTruncate, kSync, kDelete };
    Kind kind;
    std::string file;  // without its folder
    std::size_t offset = 0;
    std::string bytes;
  };
  enum class Cut {
    kAllWritten,     // the process died, the system did not
    kUnsyncedLost,   // what was not synced is not there
    kUnsyncedMixed,  // every second write that was not synced is there
    kLastTorn,       // of the last write a half is there
  };

  // What has happened so far. A test that looks at the log while others write holds no promise.
  std::size_t size() const;
  // The files after the first `operations`, by name without folder.
  std::map<std::string, std::string> FilesAfter(std::size_t operations, Cut cut) const;

  // From now on `writes` more succeed, then none until the next call; -1: all.
  void LetWrite(int writes);

  void Record(Operation operation);
  bool MayWrite();

 private:
  mutable std::mutex mutex_;
  std::vector<Operation> log_;
  int writes_left_ = -1;
};

}  // namespace fleet::test
