// Differential evolution: R. Storn and K. Price, "Differential evolution - a simple and efficient
// heuristic for global optimization over continuous spaces", J. Global Optimization 11 (1997),
// https://doi.org/10.1023/A:1008202821328; best/1/bin on levels, rounded and repaired.
#include "tuner/search/strategies/Strategies.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace ptotune::search {
namespace {

constexpr double kFailed = std::numeric_limits<double>::infinity();

class Differential final : public Searcher {
public:
  using Searcher::Searcher;

private:
  static constexpr std::size_t kPopulation = 20;
  static constexpr double kScale = 0.6;
  static constexpr double kCrossover = 0.8;
  static constexpr double kJitter = 0.35; // levels: keeps equal members from standing still

  struct Member {
    Index index = 0;
    double value = kFailed;
  };

  std::optional<Index> propose() override {
    if (members_.size() < kPopulation)
      return randomNew();
    turn_ = (turn_ + 1) % kPopulation;
    const Index candidate = trial(turn_);
    rivals_[candidate] = turn_;
    return candidate;
  }

  // A trial replaces its rival when it is no worse; anything else the worst member.
  void learn(Index index, const Outcome& outcome) override {
    const Member member{index, outcome.value.value_or(kFailed)};
    const auto rival = rivals_.find(index);
    const bool isTrial = rival != rivals_.end();
    std::size_t place = isTrial ? rival->second : 0;
    if (isTrial)
      rivals_.erase(rival);
    if (std::ranges::find(members_, index, &Member::index) != members_.end())
      return;
    if (members_.size() < kPopulation) {
      members_.push_back(member);
      return;
    }
    if (!isTrial)
      place = static_cast<std::size_t>(std::ranges::max_element(members_, {}, &Member::value) -
                                       members_.begin());
    if (member.value <= members_[place].value)
      members_[place] = member;
  }

  Index trial(std::size_t target) {
    const auto dimensions = space().dimensions();
    const auto levelsOf = [&](Index index) {
      std::vector<Level> levels(dimensions.size());
      space().at(index, levels);
      return levels;
    };
    std::vector<Level> own = levelsOf(members_[target].index);
    const auto base = levelsOf(std::ranges::min_element(members_, {}, &Member::value)->index);
    const auto one = levelsOf(random().pick(members_).index);
    const auto other = levelsOf(random().pick(members_).index);
    const std::size_t always = dimensions.empty() ? 0 : random().below(dimensions.size());
    for (std::size_t d = 0; d < dimensions.size(); ++d) {
      if (d != always && !random().chance(kCrossover))
        continue;
      const double place =
          base[d] + kScale * (static_cast<double>(one[d]) - other[d]) + kJitter * random().normal();
      own[d] = static_cast<Level>(
          std::lround(std::clamp(place, 0.0, static_cast<double>(dimensions[d].levels - 1))));
    }
    return space().nearest(own);
  }

  std::vector<Member> members_;
  std::size_t turn_ = 0;
  std::unordered_map<Index, std::size_t> rivals_; // of trials that are out
};

} // namespace

SearcherPtr makeDifferential(SpacePtr space, std::uint64_t seed) {
  return std::make_unique<Differential>(std::move(space), seed);
}

} // namespace ptotune::search
