// Simulated annealing: S. Kirkpatrick, C. D. Gelatt and M. P. Vecchi, "Optimization by simulated
// annealing", Science 220 (1983), https://doi.org/10.1126/science.220.4598.671.
#include "tuner/search/strategies/Progress.h"
#include "tuner/search/strategies/Strategies.h"

#include <cmath>

namespace ptotune::search {
namespace {

// Heights are logarithms of values. A temperature is in units of the mean rise of the steps to
// something worse so far, so that a flat space and a steep one are cooled alike.
class Annealing final : public Searcher {
public:
  using Searcher::Searcher;

private:
  static constexpr double kHottest = 1.0;
  static constexpr double kColdest = 0.01;
  static constexpr double kCooling = 0.99; // each evaluation, where no budget is known
  static constexpr double kAdjacent = 0.5; // share of steps to an adjacent level

  std::optional<Index> propose() override {
    if (!current_)
      return randomNew();
    if (neighbours_.empty())
      return restart();
    return random().pick(random().chance(kAdjacent) && !near_.empty() ? near_ : neighbours_);
  }

  void learn(Index index, const Outcome& outcome) override {
    temperature_ = std::max(kColdest, temperature_ * kCooling);
    if (const auto share = spentShare(history(), remaining()))
      temperature_ = kHottest * std::pow(kColdest / kHottest, *share);
    if (!outcome.value || *outcome.value <= 0) {
      forget(index);
      return;
    }
    const double height = std::log(*outcome.value);
    if (current_ && height > height_)
      unit_ += (height - height_ - unit_) / ++rises_;
    if (!current_ || height <= height_ ||
        random().chance(std::exp((height_ - height) / (temperature_ * unit_))))
      moveTo(index, height);
    else
      forget(index);
  }

  void moveTo(Index index, double height) {
    if (current_ == index)
      return;
    current_ = index;
    height_ = height;
    neighbours_ = space().oneApart(index);
    near_ = space().adjacent(index);
    const auto isBad = [this](Index other) {
      const Outcome* outcome = find(other);
      return outcome && !outcome->value;
    };
    std::erase_if(neighbours_, isBad);
    std::erase_if(near_, isBad);
  }

  // A rejected neighbour is not tried again from here.
  void forget(Index index) {
    std::erase(neighbours_, index);
    std::erase(near_, index);
  }

  Index restart() {
    current_.reset();
    return randomNew();
  }

  double temperature_ = kHottest;
  double unit_ = 0; // mean rise
  double rises_ = 0;
  std::optional<Index> current_;
  double height_ = 0;
  std::vector<Index> neighbours_;
  std::vector<Index> near_;
};

} // namespace

SearcherPtr makeAnnealing(SpacePtr space, std::uint64_t seed) {
  return std::make_unique<Annealing>(std::move(space), seed);
}

} // namespace ptotune::search
