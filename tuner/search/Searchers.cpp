#include "tuner/search/Searchers.h"

#include "tuner/search/strategies/Portfolio.h"

#include <algorithm>

namespace ptotune::search {
namespace {

SearcherPtr guidedAuto(SpacePtr space, std::uint64_t seed, std::shared_ptr<const Prior> prior) {
  return makeAuto(std::move(space), seed, {.prior = std::move(prior)});
}

SearcherPtr guidedSurrogate(SpacePtr space, std::uint64_t seed,
                            std::shared_ptr<const Prior> prior) {
  return makeSurrogate(std::move(space), seed, {.prior = std::move(prior)});
}

constexpr SearcherInfo kSearchers[] = {
    {"auto", "surrogate search, mixed with others by the credit they earn", "", makeAuto,
     guidedAuto},
    {"surrogate", "Gaussian process with expected improvement",
     "Jones, Schonlau and Welch, J. Global Optimization 13 (1998)", makeSurrogate, guidedSurrogate},
    {"portfolio", "annealing, genetic, differential and neighbourhood by credit",
     "Fialho, Da Costa, Schoenauer and Sebag, Annals of Mathematics and AI 60 (2010)",
     makePortfolio, nullptr},
    {"genetic", "genetic algorithm with repair to legal configurations",
     "Holland, Adaptation in Natural and Artificial Systems (1975)", makeGenetic, nullptr},
    {"neighbourhood", "variable neighbourhood search with a tabu list",
     "Mladenovic and Hansen, Computers & Operations Research 24 (1997)", makeNeighbourhood,
     nullptr},
    {"differential", "differential evolution on levels",
     "Storn and Price, J. Global Optimization 11 (1997)", makeDifferential, nullptr},
    {"annealing", "simulated annealing over neighbours",
     "Kirkpatrick, Gelatt and Vecchi, Science 220 (1983)", makeAnnealing, nullptr},
    {"swarm", "particle swarm on levels", "Kennedy and Eberhart, ICNN 1995", makeSwarm, nullptr},
    {"random", "uniform, without replacement", "", makeRandom, nullptr},
};

} // namespace

std::span<const SearcherInfo> allSearchers() {
  return kSearchers;
}

Result<const SearcherInfo*> findSearcher(std::string_view name) {
  std::string names;
  for (const SearcherInfo& searcher : kSearchers) {
    if (searcher.name == name)
      return &searcher;
    names += (names.empty() ? "" : ", ") + std::string(searcher.name);
  }
  return Error{.message = "there is no such search strategy",
               .key = "search",
               .value = std::string(name),
               .expected = "one of " + names};
}

} // namespace ptotune::search
