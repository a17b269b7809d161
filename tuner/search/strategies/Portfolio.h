// A portfolio of strategies, for those who mix their own.
#pragma once

#include "tuner/search/strategies/Strategies.h"
#include "tuner/search/strategies/Surrogate.h"

#include <functional>
#include <span>

namespace ptotune::search {

// Vocabulary: a member's *credit* is the share of its asks that gave a new best, old ones fading.
// It is drawn to ask in proportion to its weight times its credit, to which a constant is added:
// with nothing gained lately, by its weight.
struct PortfolioSettings {
  double fading = 0.02;     // of a credit, each time its member asks
  double unproven = 0.03;   // added to every credit
  double leastShare = 0.05; // of the asks, for every member
  std::size_t alone = 0;    // evaluations that the first member has for itself
};

struct PortfolioMember {
  std::function<SearcherPtr(SpacePtr space, std::uint64_t seed)> make;
  double weight = 1;
};

SearcherPtr makePortfolio(SpacePtr space, std::uint64_t seed, const PortfolioSettings& settings,
                          std::span<const PortfolioMember> members);

// What `auto` is, with settings other than the default ones.
SearcherPtr makeAuto(SpacePtr space, std::uint64_t seed, const SurrogateSettings& settings);

} // namespace ptotune::search
