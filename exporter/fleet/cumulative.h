// A value that its sender only ever raises (CPU seconds, bytes sent), turned into increments.
#pragma once

namespace fleet {

class Cumulative {
 public:
  // What came since the last value. A lower one means that the sender began again from 0. The first
  // counts in full, so that the sum over the senders survives a restart of the exporter.
  double Advance(double value) {
    const double increment = value >= last_ ? value - last_ : value;
    last_ = value;
    return increment;
  }

  // As its sender says it.
  double last() const { return last_; }

  template <typename Archive>
  void Persist(Archive& archive) {
    archive(last_);
  }

 private:
  double last_ = 0;
};

}  // namespace fleet
