// Exact decimals and fractions, for objectives, budgets and burn factors: 1 - 0.999 is 0.001 here.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fleet {

// coefficient * 10^-scale, always in lowest form (no trailing zeros, scale 0 to 18). Arithmetic
// requires results that fit 18 digits: objectives, budgets, factors and thresholds do, and an assert
// holds the rest off.
class Decimal {
 public:
  constexpr Decimal() = default;
  Decimal(std::int64_t coefficient, int scale);

  // "-12.5", "99.9", "0.001". No exponent, no blanks; at most 18 digits. Nothing else parses.
  static std::optional<Decimal> Parse(std::string_view text);

  // Shortest plain form: "99.9", "0.001", "30"; never an exponent.
  std::string ToString() const;
  double ToDouble() const;

  std::int64_t coefficient() const { return coefficient_; }
  int scale() const { return scale_; }
  bool is_integer() const { return scale_ == 0; }

  friend Decimal operator+(Decimal a, Decimal b);
  friend Decimal operator-(Decimal a, Decimal b);
  friend Decimal operator*(Decimal a, Decimal b);
  // value / 10^digits; exact. REQUIRES: scale() + digits <= 18.
  Decimal ShiftedRight(int digits) const { return Decimal(coefficient_, scale_ + digits); }

  friend bool operator==(Decimal a, Decimal b) = default;
  friend std::strong_ordering operator<=>(Decimal a, Decimal b);

 private:
  std::int64_t coefficient_ = 0;
  int scale_ = 0;
};

// numerator / denominator, for factors such as 0.02 * 720h / 1h = 14.4; rounded once, when printed.
struct Fraction {
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;  // > 0

  // value * count / per, kept exact. REQUIRES: per > 0 and products below 2^63 after reduction.
  static Fraction Of(Decimal value, std::int64_t count, std::int64_t per);

  // Rounded half away from zero to `digits` digits after the point (0 to 12).
  Decimal Round(int digits = 12) const;
};

}  // namespace fleet
