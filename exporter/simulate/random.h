// Random numbers that are the same for the same seed on every machine: the standard engines are fixed
// by the standard, the standard distributions are not.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <numbers>
#include <string_view>

namespace fleet::simulate {

// A row of what Random::Pick draws from.
struct Weighted {
  std::string_view name;
  double weight;
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // SplitMix64 (Steele, Lea and Flood 2014): enough for a simulation, and any seed is a good one.
  std::uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  // In [0, 1).
  double Uniform() { return static_cast<double>(Next() >> 11U) * 0x1.0p-53; }
  double Between(double low, double high) { return low + (high - low) * Uniform(); }
  bool Chance(double probability) { return Uniform() < probability; }
  // REQUIRES: size > 0.
  std::size_t Index(std::size_t size) { return static_cast<std::size_t>(Next() % size); }

  double Exponential(double mean) { return -mean * std::log(1.0 - Uniform()); }
  // Box and Muller.
  double Normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * Uniform());
  }
  // Durations of work: the 95th percentile is median * exp(1.645 * sigma).
  double LogNormal(double median, double sigma) { return median * std::exp(sigma * Normal()); }

  // Number of arrivals where `mean` are expected: Knuth's product, and its normal limit from 30 on.
  int Poisson(double mean) {
    if (mean <= 0) return 0;
    if (mean >= 30) return std::max(0, static_cast<int>(std::lround(mean + std::sqrt(mean) * Normal())));
    const double limit = std::exp(-mean);
    int arrivals = 0;
    for (double product = Uniform(); product > limit; product *= Uniform()) ++arrivals;
    return arrivals;
  }

  // An element of a table by its member `weight`. REQUIRES: a positive sum of weights.
  template <typename Table>
  const auto& Pick(const Table& table) {
    double sum = 0;
    for (const auto& row : table) sum += row.weight;
    double left = sum * Uniform();
    for (const auto& row : table) {
      if (left < row.weight) return row;
      left -= row.weight;
    }
    return *std::rbegin(table);
  }

 private:
  std::uint64_t state_;
};

}  // namespace fleet::simulate
