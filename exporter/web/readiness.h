// Whether the program wants traffic: what /-/ready says.
#pragma once

#include <atomic>
#include <string_view>

namespace fleet {

class Readiness {
 public:
  enum class State { kStarting, kReady, kDraining };

  void Set(State state) { state_ = state; }
  bool ready() const { return state_ == State::kReady; }
  std::string_view Reason() const { return state_ == State::kStarting ? "starting" : "shutting down"; }

 private:
  std::atomic<State> state_{State::kStarting};
};

}  // namespace fleet
