// Errors that were reported: severity and category as their sender says, else by rules.
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "exporter/fleet/error_rules.h"
#include "exporter/fleet/event.h"
#include "exporter/fleet/refusal.h"
#include "exporter/fleet/series.h"

namespace fleet {

class Errors {
 public:
  Errors(Series& series, const ErrorConfig& config)
      : series_(&series), rules_(std::make_unique<ErrorRules>(config)) {}

  Refused Reported(const Event& event, UnixMillis at);

  void SetRules(const ErrorConfig& config) { rules_ = std::make_unique<ErrorRules>(config); }

  template <typename Archive>
  void Persist(Archive& archive) {
    archive(timeouts_);
  }

 private:
  bool IsRepeatedTimeout(LabelValue<"component"> component, const RepeatedTimeouts& limit, UnixMillis at);

  Series* series_;
  std::unique_ptr<const ErrorRules> rules_;
  std::map<std::uint32_t, std::deque<UnixMillis>> timeouts_;  // by component, newest first
};

}  // namespace fleet
