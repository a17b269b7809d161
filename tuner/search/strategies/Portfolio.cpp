// A portfolio of strategies that share all they see; who asks next is drawn by credit. A. Fialho,
// L. Da Costa, M. Schoenauer and M. Sebag, "Analyzing bandit-based adaptive operator selection
// mechanisms", Annals of Mathematics and AI 60 (2010), https://doi.org/10.1007/s10472-010-9213-y;
// probability matching as in D. E. Goldberg, Machine Learning 5 (1990).
#include "tuner/search/strategies/Portfolio.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace ptotune::search {
namespace {

class Portfolio final : public Searcher {
public:
  Portfolio(const SpacePtr& space, std::uint64_t seed, const PortfolioSettings& settings,
            std::span<const PortfolioMember> members)
      : Searcher(space, seed), settings_(settings) {
    for (const PortfolioMember& member : members)
      members_.push_back({member.make(space, Searcher::random()()), member.weight});
  }

  void limit(const Budget& remaining) override {
    Searcher::limit(remaining);
    for (Member& member : members_)
      member.searcher->limit(remaining);
  }

  std::optional<double> improvementChance(double share) override {
    for (Member& member : members_)
      if (const auto chance = member.searcher->improvementChance(share))
        return chance;
    return std::nullopt;
  }

private:
  struct Member {
    SearcherPtr searcher;
    double weight = 1;
    double credit = 0; // share of its recent asks that gave a new best
  };

  std::optional<Index> propose() override {
    const std::size_t chosen = history().size() < settings_.alone ? 0 : drawn();
    const std::vector<Index> asked = members_[chosen].searcher->ask(1);
    if (asked.empty())
      return std::nullopt;
    askers_[asked[0]] = chosen;
    return asked[0];
  }

  void learn(Index index, const Outcome& outcome) override {
    for (Member& member : members_)
      member.searcher->tell(index, outcome);
    const auto asker = askers_.find(index);
    if (asker != askers_.end()) {
      Member& member = members_[asker->second];
      member.credit *= 1 - settings_.fading;
      if (outcome.value && (!best_ || *outcome.value < *best_))
        member.credit += settings_.fading;
      askers_.erase(asker);
    }
    if (outcome.value && (!best_ || *outcome.value < *best_))
      best_ = outcome.value;
  }

  std::size_t drawn() {
    const auto claim = [this](const Member& member) {
      return member.weight * (member.credit + settings_.unproven);
    };
    double sum = 0;
    for (const Member& member : members_)
      sum += claim(member);
    const double matched = 1 - settings_.leastShare * static_cast<double>(members_.size());
    double left = random().unit();
    for (std::size_t m = 0; m + 1 < members_.size(); ++m) {
      left -= settings_.leastShare + matched * claim(members_[m]) / sum;
      if (left < 0)
        return m;
    }
    return members_.size() - 1;
  }

  PortfolioSettings settings_;
  std::vector<Member> members_;
  std::unordered_map<Index, std::size_t> askers_;
  std::optional<double> best_;
};

} // namespace

SearcherPtr makePortfolio(SpacePtr space, std::uint64_t seed, const PortfolioSettings& settings,
                          std::span<const PortfolioMember> members) {
  return std::make_unique<Portfolio>(std::move(space), seed, settings, members);
}

SearcherPtr makePortfolio(SpacePtr space, std::uint64_t seed) {
  const PortfolioMember members[] = {
      {makeAnnealing}, {makeGenetic}, {makeDifferential}, {makeNeighbourhood}};
  return makePortfolio(std::move(space), seed, {}, members);
}

// The surrogate sees what the others find, and they start from what it found.
SearcherPtr makeAuto(SpacePtr space, std::uint64_t seed, const SurrogateSettings& settings) {
  const auto surrogate = [&settings](SpacePtr shared, std::uint64_t own) {
    return makeSurrogate(std::move(shared), own, settings);
  };
  const PortfolioMember members[] = {{surrogate, 18}, {makeGenetic, 1}, {makeNeighbourhood, 1}};
  return makePortfolio(std::move(space), seed, {.leastShare = 0.01, .alone = 48}, members);
}

SearcherPtr makeAuto(SpacePtr space, std::uint64_t seed) {
  return makeAuto(std::move(space), seed, SurrogateSettings());
}

} // namespace ptotune::search
