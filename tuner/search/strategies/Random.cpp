// Uniform random search without replacement.
#include "tuner/search/strategies/Strategies.h"

namespace ptotune::search {
namespace {

class RandomSearch final : public Searcher {
public:
  using Searcher::Searcher;

private:
  std::optional<Index> propose() override { return randomNew(); }
  void learn(Index, const Outcome&) override {}
};

} // namespace

SearcherPtr makeRandom(SpacePtr space, std::uint64_t seed) {
  return std::make_unique<RandomSearch>(std::move(space), seed);
}

} // namespace ptotune::search
