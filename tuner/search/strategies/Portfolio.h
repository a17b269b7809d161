// A portfolio of strategies, for those who mix their own.
#pragma once

#include "tuner/search/strategies/Strategies.h"
#include "tuner/search/strategies/Surrogate.h"

#include <functional>
#include <span>

namespace ptotune::search {

struct PortfolioSettings {
  double fading = 0.02;     // of a credit, each time its strategy asks
  double leastShare = 0.08; // of the asks, for every strategy
  std::size_t alone = 0;    // evaluations that the first strategy has for itself
};

struct PortfolioMember {
  std::function<SearcherPtr(SpacePtr space, std::uint64_t seed)> make;
  double credit = 0; // to begin with
};

SearcherPtr makePortfolio(SpacePtr space, std::uint64_t seed, const PortfolioSettings& settings,
                          std::span<const PortfolioMember> members);

// What `auto` is, with settings other than the default ones.
SearcherPtr makeAuto(SpacePtr space, std::uint64_t seed, const SurrogateSettings& settings);

} // namespace ptotune::search
