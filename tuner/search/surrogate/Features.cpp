#include "tuner/search/surrogate/Features.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace ptotune::search {
namespace {

constexpr double kWideSpan = 4; // largest over smallest value
constexpr int kMostTwos = 10;
constexpr std::size_t kFewest = 5; // levels, for alignment to be told from size

// Within [0, 1]; all zero where nothing differs.
std::vector<double> scaled(std::vector<double> places) {
  const auto [low, high] = std::ranges::minmax(places);
  for (double& place : places)
    place = high > low ? (place - low) / (high - low) : 0;
  return places;
}

std::vector<double> sizes(const std::vector<double>& numbers) {
  const auto [low, high] = std::ranges::minmax(numbers);
  if (low <= 0 || high < kWideSpan * low)
    return scaled(numbers);
  std::vector<double> places;
  places.reserve(numbers.size());
  for (const double number : numbers)
    places.push_back(std::log2(number));
  return scaled(places);
}

// How often two divides each number; empty where that is the same for all, or follows from size.
std::vector<double> alignments(const std::vector<double>& numbers) {
  std::vector<double> places;
  bool onlyPowers = true;
  for (const double number : numbers) {
    if (number != std::floor(number) || std::abs(number) > 0x1p40)
      return {};
    int twos = 0;
    auto rest = static_cast<std::int64_t>(number);
    for (; rest != 0 && rest % 2 == 0 && twos < kMostTwos; rest /= 2)
      ++twos;
    onlyPowers = onlyPowers && (rest == 1 || rest == 0);
    places.push_back(twos);
  }
  const auto [low, high] = std::ranges::minmax(places);
  if (low == high || onlyPowers || numbers.size() < kFewest)
    return {};
  return scaled(places);
}

} // namespace

double Feature::distance(Level a, Level b) const {
  if (!ordered)
    return a == b ? 0 : 1;
  return std::abs(places[a] - places[b]);
}

std::vector<Feature> featuresOf(std::span<const Dimension> dimensions) {
  std::vector<Feature> features;
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    const std::vector<double>& numbers = dimensions[d].numbers;
    if (numbers.empty()) {
      features.push_back({.dimension = d, .ordered = false});
      continue;
    }
    features.push_back({.dimension = d, .places = sizes(numbers)});
    if (auto places = alignments(numbers); !places.empty())
      features.push_back({.dimension = d, .places = std::move(places)});
  }
  return features;
}

} // namespace ptotune::search
