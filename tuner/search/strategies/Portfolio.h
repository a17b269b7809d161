// A portfolio of strategies, for those who mix their own.
#pragma once

#include "tuner/search/strategies/Strategies.h"

#include <span>

namespace ptotune::search {

struct PortfolioSettings {
  double fading = 0.02;     // of a credit, each time its strategy asks
  double leastShare = 0.08; // of the asks, for every strategy
  std::size_t alone = 0;    // evaluations that the first strategy has for itself
};

struct PortfolioMember {
  SearcherPtr (*make)(SpacePtr space, std::uint64_t seed);
  double credit = 0; // to begin with
};

SearcherPtr makePortfolio(SpacePtr space, std::uint64_t seed, const PortfolioSettings& settings,
                          std::span<const PortfolioMember> members);

} // namespace ptotune::search
