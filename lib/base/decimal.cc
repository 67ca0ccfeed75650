#include "lib/base/decimal.h"

#include <fmt/format.h>

#include <cassert>
#include <cstdlib>
#include <limits>
#include <numeric>

#include "lib/base/text.h"

namespace fleet {
namespace {

__extension__ using Wide = __int128;

constexpr int kMaxDigits = 18;

constexpr std::int64_t PowerOf10(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

std::int64_t Narrow(Wide value) {
  assert(value <= std::numeric_limits<std::int64_t>::max() &&
         value >= std::numeric_limits<std::int64_t>::min());
  return static_cast<std::int64_t>(value);
}

// Lowest form of coefficient * 10^-scale, where the scale may be up to 36.
Decimal Normalise(Wide coefficient, int scale) {
  while (scale > 0 && coefficient % 10 == 0) {
    coefficient /= 10;
    --scale;
  }
  assert(scale <= kMaxDigits);
  return Decimal(Narrow(coefficient), scale);
}

}  // namespace

Decimal::Decimal(std::int64_t coefficient, int scale) : coefficient_(coefficient), scale_(scale) {
  while (scale_ > 0 && coefficient_ % 10 == 0) {
    coefficient_ /= 10;
    --scale_;
  }
  assert(scale_ >= 0 && scale_ <= kMaxDigits);
}

std::optional<Decimal> Decimal::Parse(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  std::int64_t coefficient = 0;
  int digits = 0;
  int scale = -1;  // -1 until the point is seen
  for (const char c : text) {
    if (c == '.' && scale < 0 && digits > 0) {
      scale = 0;
    } else if (IsDigit(c)) {
      if (++digits > kMaxDigits) return std::nullopt;
      coefficient = coefficient * 10 + (c - '0');
      if (scale >= 0) ++scale;
    } else {
      return std::nullopt;
    }
  }
  if (digits == 0 || scale == 0) return std::nullopt;
  return Decimal(negative ? -coefficient : coefficient, scale < 0 ? 0 : scale);
}

std::string Decimal::ToString() const {
  if (scale_ == 0) return std::to_string(coefficient_);
  const std::int64_t power = PowerOf10(scale_);
  return fmt::format("{}{}.{:0{}}", coefficient_ < 0 ? "-" : "", std::abs(coefficient_ / power),
                     std::abs(coefficient_ % power), scale_);
}

double Decimal::ToDouble() const { return std::strtod(ToString().c_str(), nullptr); }

Decimal operator+(Decimal a, Decimal b) {
  const int scale = a.scale_ > b.scale_ ? a.scale_ : b.scale_;
  return Normalise(
      Wide{a.coefficient_} * PowerOf10(scale - a.scale_) + Wide{b.coefficient_} * PowerOf10(scale - b.scale_),
      scale);
}

Decimal operator-(Decimal a, Decimal b) { return a + Decimal(-b.coefficient_, b.scale_); }

Decimal operator*(Decimal a, Decimal b) {
  return Normalise(Wide{a.coefficient_} * b.coefficient_, a.scale_ + b.scale_);
}

std::strong_ordering operator<=>(Decimal a, Decimal b) {
  const Wide left = Wide{a.coefficient_} * PowerOf10(b.scale_);
  const Wide right = Wide{b.coefficient_} * PowerOf10(a.scale_);
  return left < right   ? std::strong_ordering::less
         : left > right ? std::strong_ordering::greater
                        : std::strong_ordering::equal;
}

Fraction Fraction::Of(Decimal value, std::int64_t count, std::int64_t per) {
  assert(per > 0);
  const std::int64_t common = std::gcd(count, per);
  std::int64_t numerator = value.coefficient();
  std::int64_t denominator = PowerOf10(value.scale());
  const std::int64_t reduce = std::gcd(numerator, denominator);
  if (reduce > 1) {
    numerator /= reduce;
    denominator /= reduce;
  }
  const Wide top = Wide{numerator} * (count / common);
  const Wide bottom = Wide{denominator} * (per / common);
  return {Narrow(top), Narrow(bottom)};
}

Decimal Fraction::Round(int digits) const {
  assert(denominator > 0 && digits >= 0 && digits <= 12);
  const Wide scaled = Wide{numerator} * PowerOf10(digits);
  const Wide half = denominator / 2;
  const Wide rounded = (scaled >= 0 ? scaled + half : scaled - half) / denominator;
  return Decimal(Narrow(rounded), digits);
}

}  // namespace fleet
