#include "exporter/web/watched_files.h"

#include <sys/stat.h>

namespace fleet {

std::vector<WatchedFiles::State> WatchedFiles::Look() const {
  std::vector<State> states;
  for (const std::string& path : paths_) {
    struct stat file {};
    State state;
    if (stat(path.c_str(), &file) == 0) {
      state = {file.st_dev, file.st_ino, static_cast<std::uint64_t>(file.st_size), file.st_ctim.tv_sec,
               file.st_ctim.tv_nsec};
    }
    states.push_back(state);
  }
  return states;
}

}  // namespace fleet
