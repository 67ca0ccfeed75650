// Whether the program wants traffic: what /-/ready says.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>

namespace fleet {

class Readiness {
 public:
  enum class State { kStarting, kReady, kDraining };

  void Set(State state) { state_ = state; }
  bool ready() const { return state_ == State::kReady; }
  // What should be known although all is well; before the first request.
  void Note(std::string text) { note_ = std::move(text); }
  const std::string& note() const { return note_; }
  std::string_view Reason() const { return state_ == State::kStarting ? "starting" : "shutting down"; }

 private:
  std::atomic<State> state_{State::kStarting};
  std::string note_;
};

}  // namespace fleet
