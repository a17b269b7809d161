// Variable neighbourhood search with a tabu list: N. Mladenovic and P. Hansen, "Variable
// neighborhood search", Computers & Operations Research 24 (1997),
// https://doi.org/10.1016/S0305-0548(97)00031-2; F. Glover, "Tabu search - part I", ORSA J. on
// Computing 1 (1989), https://doi.org/10.1287/ijoc.1.3.190.
#include "tuner/search/strategies/Strategies.h"

#include <algorithm>
#include <cmath>
#include <deque>

namespace ptotune::search {
namespace {

// Neighbourhoods of the centre, tried one after the other until one holds something better: the
// adjacent configurations, all that differ in one dimension, some that differ in two. Then the best
// configuration is shaken, harder each time that this leads nowhere.
class NeighbourhoodSearch final : public Searcher {
public:
  using Searcher::Searcher;

private:
  static constexpr std::size_t kFirst = 6;     // random ones to start from
  static constexpr std::size_t kTwoApart = 24; // tried of them
  static constexpr std::size_t kTabu = 32;     // centres that were left
  static constexpr std::size_t kHardest = 5;   // dimensions that a shake changes
  enum class Kind { adjacent, oneApart, twoApart, end };

  std::optional<Index> propose() override {
    if (history().size() < kFirst || !best())
      return randomNew();
    if (!center_)
      moveTo(best()->index, *best()->outcome.value);
    while (open_.empty()) {
      kind_ = static_cast<Kind>(static_cast<int>(kind_) + 1);
      if (kind_ == Kind::end)
        return shaken();
      fill();
    }
    const Index index = open_.back();
    open_.pop_back();
    return index;
  }

  void learn(Index index, const Outcome& outcome) override {
    if (!outcome.value)
      return;
    const bool isLanding = index == landing_;
    if (isLanding)
      landing_.reset();
    if (center_ && (isLanding || *outcome.value < value_))
      moveTo(index, *outcome.value);
  }

  void moveTo(Index index, double value) {
    if (center_ == index)
      return;
    if (center_)
      tabu_.push_back(*center_);
    if (tabu_.size() > kTabu)
      tabu_.pop_front();
    center_ = index;
    value_ = value;
    kind_ = Kind::adjacent;
    fill();
    if (best() && value <= *best()->outcome.value)
      strength_ = 2;
  }

  void fill() {
    open_.clear();
    if (kind_ == Kind::twoApart)
      for (std::size_t i = 0; i < kTwoApart; ++i)
        open_.push_back(changed(*center_, 2));
    else
      open_ = kind_ == Kind::adjacent ? space().adjacent(*center_) : space().oneApart(*center_);
    std::erase_if(open_, [this](Index index) { return !isNew(index); });
    for (std::size_t i = open_.size(); i > 1; --i)
      std::swap(open_[i - 1], open_[random().below(i)]);
  }

  // Goes on from a configuration that differs from the best in several dimensions, be it better or
  // worse.
  Index shaken() {
    Index to = changed(best()->index, strength_);
    for (int i = 0; i < 8 && std::ranges::find(tabu_, to) != tabu_.end(); ++i)
      to = changed(best()->index, strength_);
    strength_ = strength_ < kHardest ? strength_ + 1 : 2;
    kind_ = Kind::adjacent;
    open_.clear();
    landing_ = to;
    return to;
  }

  Index changed(Index from, std::size_t dimensions) {
    std::vector<Level> levels(space().dimensions().size());
    space().at(from, levels);
    for (std::size_t i = 0; i < dimensions && !levels.empty(); ++i) {
      const std::size_t d = random().below(levels.size());
      levels[d] = static_cast<Level>(random().below(space().dimensions()[d].levels));
    }
    return space().nearest(levels);
  }

  std::optional<Index> center_;
  double value_ = 0; // at the centre
  Kind kind_ = Kind::adjacent;
  std::vector<Index> open_; // of the current neighbourhood, still to be tried
  std::deque<Index> tabu_;
  std::optional<Index> landing_;
  std::size_t strength_ = 2; // of the next shake, in dimensions
};

} // namespace

SearcherPtr makeNeighbourhood(SpacePtr space, std::uint64_t seed) {
  return std::make_unique<NeighbourhoodSearch>(std::move(space), seed);
}

} // namespace ptotune::search
