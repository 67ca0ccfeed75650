// The port to time. Everything that judges age takes a time or a Clock, so tests need no sleeping.
#pragma once

#include <chrono>
#include <cstdint>

namespace fleet {

// Unix time in milliseconds; the resolution of Prometheus and of every timestamp we keep.
struct UnixMillis {
  std::int64_t value = 0;

  double Seconds() const { return static_cast<double>(value) / 1000.0; }
  friend auto operator<=>(UnixMillis, UnixMillis) = default;
};

inline UnixMillis operator+(UnixMillis t, std::chrono::milliseconds d) {
  return UnixMillis{t.value + d.count()};
}
inline UnixMillis operator-(UnixMillis t, std::chrono::milliseconds d) {
  return UnixMillis{t.value - d.count()};
}
inline std::chrono::milliseconds operator-(UnixMillis a, UnixMillis b) {
  return std::chrono::milliseconds(a.value - b.value);
}

class Clock {
 public:
  virtual ~Clock() = default;
  virtual UnixMillis Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  UnixMillis Now() const override {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return UnixMillis{std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
  }
};

}  // namespace fleet
