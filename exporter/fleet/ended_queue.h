// Entities that ended, oldest first: kept for a while, so that a late event does not bring them back.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "lib/base/clock.h"

namespace fleet {

class EndedQueue {
 public:
  void Push(std::string_view id, UnixMillis at) { ended_.push_back({std::string(id), at}); }

  // Calls remove(id, at) for those that ended before `time`. What began again meanwhile is for
  // `remove` to recognise.
  template <typename Remove>
  void PopBefore(UnixMillis time, Remove remove) {
    while (!ended_.empty() && ended_.front().at < time) PopFront(remove);
  }

  // Takes from the front until `is_enough()`; false when the queue ran out before.
  template <typename Remove, typename IsEnough>
  bool PopUntil(IsEnough is_enough, Remove remove) {
    while (!is_enough()) {
      if (ended_.empty()) return false;
      PopFront(remove);
    }
    return true;
  }

  template <typename Archive>
  void Persist(Archive& archive) {
    archive(ended_);
  }

 private:
  struct Ended {
    std::string id;
    UnixMillis at;
  };

  template <typename Remove>
  void PopFront(Remove remove) {
    const Ended first = std::move(ended_.front());
    ended_.pop_front();
    remove(first.id, first.at);
  }

  std::deque<Ended> ended_;
};

}  // namespace fleet
