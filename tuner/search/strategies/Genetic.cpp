// Genetic algorithm: J. H. Holland, "Adaptation in Natural and Artificial Systems" (1975), with
// uniform crossover (G. Syswerda, ICGA 1989), tournaments of two and repair to the nearest legal
// configuration.
#include "tuner/search/strategies/Strategies.h"

#include <algorithm>
#include <limits>

namespace ptotune::search {
namespace {

class Genetic final : public Searcher {
public:
  using Searcher::Searcher;

private:
  static constexpr std::size_t kPopulation = 20;
  static constexpr double kMutations = 1.2; // dimensions of a child, on average

  struct Member {
    Index index = 0;
    double value = std::numeric_limits<double>::infinity(); // of a failed one too
  };

  std::optional<Index> propose() override {
    if (members_.size() < kPopulation)
      return randomNew();
    return child(tournament(), tournament());
  }

  // Keeps the best kPopulation distinct members that were ever seen.
  void learn(Index index, const Outcome& outcome) override {
    if (std::ranges::find(members_, index, &Member::index) != members_.end())
      return;
    Member member{.index = index};
    if (outcome.value)
      member.value = *outcome.value;
    const auto place = std::ranges::upper_bound(members_, member.value, {}, &Member::value);
    members_.insert(place, member);
    if (members_.size() > kPopulation)
      members_.pop_back();
  }

  Index tournament() {
    const std::uint64_t one = random().below(members_.size());
    const std::uint64_t other = random().below(members_.size());
    return members_[std::min(one, other)].index; // ascending by value
  }

  Index child(Index mother, Index father) {
    const auto dimensions = space().dimensions();
    std::vector<Level> levels(dimensions.size());
    std::vector<Level> others(dimensions.size());
    space().at(mother, levels);
    space().at(father, others);
    const double rate = kMutations / static_cast<double>(std::max<std::size_t>(1, levels.size()));
    for (std::size_t d = 0; d < levels.size(); ++d) {
      if (random().chance(0.5))
        levels[d] = others[d];
      if (random().chance(rate))
        levels[d] = static_cast<Level>(random().below(dimensions[d].levels));
    }
    return space().nearest(levels);
  }

  std::vector<Member> members_;
};

} // namespace

SearcherPtr makeGenetic(SpacePtr space, std::uint64_t seed) {
  return std::make_unique<Genetic>(std::move(space), seed);
}

} // namespace ptotune::search
