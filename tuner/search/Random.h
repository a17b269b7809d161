// Random numbers that are the same everywhere for a seed: the distributions of the standard library
// differ between implementations.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>

namespace ptotune::search {

class Random {
public:
  explicit Random(std::uint64_t seed) : generator_(seed) {}

  std::uint64_t operator()() { return generator_(); }
  // Uniform in [0, count), count > 0. The bias is below count / 2^64.
  std::uint64_t below(std::uint64_t count) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(generator_()) * count) >> 64);
  }
  // Uniform in [0, 1).
  double unit() { return static_cast<double>(generator_() >> 11U) * 0x1p-53; }
  bool chance(double probability) { return unit() < probability; }
  // Standard normal, by Box and Muller.
  double normal() {
    return std::sqrt(-2 * std::log(1 - unit())) * std::cos(6.283185307179586 * unit());
  }
  template <typename List> const auto& pick(const List& list) {
    return list[static_cast<std::size_t>(below(list.size()))];
  }

private:
  std::mt19937_64 generator_;
};

} // namespace ptotune::search
