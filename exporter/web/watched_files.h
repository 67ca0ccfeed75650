// Whether files have changed since they were read: what is written beside a running program takes
// effect without a signal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fleet {

class WatchedFiles {
 public:
  WatchedFiles() = default;
  // Take the state before reading: a change in between is seen as one.
  explicit WatchedFiles(std::vector<std::string> paths) : paths_(std::move(paths)), states_(Look()) {}

  // By device, inode, size and time of change; a file that is gone has changed, too.
  bool Changed() const { return Look() != states_; }

 private:
  struct State {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t seconds = 0, nanoseconds = 0;

    friend bool operator==(const State&, const State&) = default;
  };
  std::vector<State> Look() const;

  std::vector<std::string> paths_;
  std::vector<State> states_;
};

}  // namespace fleet
