// Errors that were reported: severity and category as their sender says, else by rules.
#pragma once

#include <array>
#include <map>

#include "exporter/fleet/event.h"
#include "exporter/fleet/refusal.h"
#include "exporter/fleet/series.h"

namespace fleet {

class Errors {
 public:
  explicit Errors(Series& series) : series_(&series) {}

  Refused Reported(const Event& event, UnixMillis at);

  template <typename Archive>
  void Persist(Archive& archive) {
    archive(timeouts_);
  }

 private:
  // Timeouts of one component: the third within five minutes is critical, not a warning.
  bool IsRepeatedTimeout(LabelValue<"component"> component, UnixMillis at);

  static constexpr std::size_t kRepeated = 3;

  Series* series_;
  std::map<std::uint32_t, std::array<UnixMillis, kRepeated>> timeouts_;  // by component, newest first
};

}  // namespace fleet
