// Makers of the search strategies, one source file each.
#pragma once

#include "tuner/search/Searcher.h"

#include <memory>

namespace ptotune::search {

using SpacePtr = std::shared_ptr<const SearchSpace>;
using SearcherPtr = std::unique_ptr<Searcher>;

SearcherPtr makeRandom(SpacePtr space, std::uint64_t seed);
SearcherPtr makeAnnealing(SpacePtr space, std::uint64_t seed);
SearcherPtr makeGenetic(SpacePtr space, std::uint64_t seed);
SearcherPtr makeDifferential(SpacePtr space, std::uint64_t seed);
SearcherPtr makeSwarm(SpacePtr space, std::uint64_t seed);
SearcherPtr makeNeighbourhood(SpacePtr space, std::uint64_t seed);
SearcherPtr makeSurrogate(SpacePtr space, std::uint64_t seed);
SearcherPtr makePortfolio(SpacePtr space, std::uint64_t seed);
SearcherPtr makeAuto(SpacePtr space, std::uint64_t seed);

} // namespace ptotune::search
