#include "tuner/search/strategies/Surrogate.h"

#include "tuner/search/strategies/Progress.h"
#include "tuner/search/strategies/Strategies.h"
#include "tuner/search/surrogate/Targets.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_set>

namespace ptotune::search {
namespace {

// Candidates whose distance to all before is compared, for each configuration of the first ones.
constexpr std::size_t kDesignDraws = 24;
constexpr double kFewestFirst = 3;
constexpr double kLeastVariance = 1e-7;
constexpr double kNoBest = 0;
constexpr std::size_t kFullPool = 16384; // configurations of a space that are all candidates
constexpr std::size_t kIncumbents = 12;  // whose neighbours are candidates
constexpr std::size_t kRandomCandidates = 4000;
constexpr std::size_t kSmallestPool = 512;
constexpr std::size_t kFew = 12; // observations up to which every one is followed by a refit
constexpr std::size_t kFewestToFit = 3;
constexpr std::size_t kManyToFit = 48; // observations from which one pass of fitting is enough

class Surrogate final : public Searcher {
public:
  Surrogate(SpacePtr space, std::uint64_t seed, const SurrogateSettings& settings)
      : Searcher(std::move(space), seed), settings_(settings),
        features_(featuresOf(this->space().dimensions())),
        parameters_(priorParameters(features_.size())), levels_(this->space().dimensions().size()) {
  }

  std::optional<double> improvementChance(double share) override;

private:
  std::optional<Index> propose() override;
  void learn(Index, const Outcome&) override {}

  std::size_t initial() const;
  Index designed();
  double distance(const Level* a, const Level* b) const;
  const Level* levelsOf(Index index);

  void refit();
  void sortByValue(std::vector<std::size_t>& numbers) const;
  void thin(std::vector<std::size_t>& numbers, std::size_t most);
  void learnParameters(std::vector<std::size_t> sample);
  std::vector<Index> candidates(const Kernel& kernel, const std::vector<std::size_t>& chosen);
  std::vector<Index> predictedBest(const Kernel& kernel, const std::vector<std::size_t>& chosen);
  void expect(Index index);
  void catchUp();
  double deviation(std::size_t candidate) const;
  std::optional<Index> mostPromising() const;

  SurrogateSettings settings_;
  std::vector<Feature> features_;
  KernelParameters parameters_;
  std::vector<Level> levels_; // of one configuration at a time
  TargetScale scale_;
  std::vector<Index> pool_;
  std::vector<double> offsets_; // of the pool
  std::unique_ptr<Posterior> posterior_;
  std::vector<Index> rows_; // of the posterior: observed or expected
  std::unordered_set<Index> isRow_;
  std::size_t seen_ = 0;    // of the history: rows of the posterior, or left out at a refit
  std::size_t refitAt_ = 0; // size of the history
};

const Level* Surrogate::levelsOf(Index index) {
  space().at(index, levels_);
  return levels_.data();
}

double Surrogate::distance(const Level* a, const Level* b) const {
  double sum = 0;
  for (const Feature& feature : features_) {
    const double one = feature.distance(a[feature.dimension], b[feature.dimension]);
    sum += one * one;
  }
  return sum;
}

// How many configurations are spread out before the model is asked: with a small budget, no more
// than half of it.
std::size_t Surrogate::initial() const {
  const double wanted = 1 + settings_.initial * static_cast<double>(space().dimensions().size());
  const auto share = spentShare(history(), remaining());
  const auto count = static_cast<double>(history().size());
  const double affordable = share && *share > 0 ? count / *share / 2 : wanted;
  return static_cast<std::size_t>(std::max(kFewestFirst, std::min(wanted, affordable)));
}

// The middle first, then always the draw that lies farthest from all others.
Index Surrogate::designed() {
  const auto dimensions = space().dimensions();
  if (history().empty() && rows_.empty()) {
    for (std::size_t d = 0; d < dimensions.size(); ++d)
      levels_[d] = static_cast<Level>((dimensions[d].levels - 1) / 2);
    return space().nearest(levels_);
  }
  LevelTable known(dimensions.size());
  for (const Observation& one : history())
    space().at(one.index, known.add());
  for (const Index index : rows_)
    space().at(index, known.add());
  Index best = 0;
  double farthest = -1;
  for (std::size_t i = 0; i < kDesignDraws; ++i) {
    const Index index = random().below(space().size());
    if (!isNew(index))
      continue;
    const Level* levels = levelsOf(index);
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < known.size(); ++k)
      least = std::min(least, distance(levels, known[k]));
    if (least > farthest) {
      farthest = least;
      best = index;
    }
  }
  return farthest < 0 ? randomNew() : best;
}

std::optional<Index> Surrogate::propose() {
  if (!settings_.prior && (history().size() < initial() || !best())) {
    const Index index = designed();
    rows_.push_back(index); // a design of several asks spreads too
    return index;
  }
  if (history().size() >= refitAt_)
    refit();
  else
    catchUp();
  auto index = mostPromising();
  if (!index) {
    refit();
    index = mostPromising();
  }
  if (!index)
    index = randomNew();
  expect(*index);
  return index;
}

// By value, failed ones last, of numbers of the history.
void Surrogate::sortByValue(std::vector<std::size_t>& numbers) const {
  std::ranges::sort(numbers, {}, [this](std::size_t i) {
    return std::pair(history()[i].outcome.value.value_or(std::numeric_limits<double>::infinity()),
                     i);
  });
}

// Where there are more than `most`: the best half of that, and others at random.
void Surrogate::thin(std::vector<std::size_t>& numbers, std::size_t most) {
  if (numbers.size() <= most)
    return;
  sortByValue(numbers);
  for (std::size_t i = most / 2; i < most; ++i)
    std::swap(numbers[i], numbers[i + random().below(numbers.size() - i)]);
  numbers.resize(most);
  std::ranges::sort(numbers);
}

void Surrogate::learnParameters(std::vector<std::size_t> sample) {
  if (sample.size() < kFewestToFit)
    return;
  thin(sample, settings_.fitted);
  LevelTable rows(levels_.size());
  std::vector<double> values;
  for (const std::size_t i : sample) {
    space().at(history()[i].index, rows.add());
    values.push_back(scale_.centred(history()[i].index, history()[i].outcome)[TargetScale::kValue]);
  }
  learnKernel(space().dimensions(), features_, rows, values, history().size() < kManyToFit ? 3 : 1,
              parameters_);
}

// Small spaces whole at first. Later the neighbours of the best configurations, what the mean
// predicts to be best, and others at random.
std::vector<Index> Surrogate::candidates(const Kernel& kernel,
                                         const std::vector<std::size_t>& chosen) {
  const std::size_t most =
      std::max(kSmallestPool, settings_.poolEntries / std::max<std::size_t>(1, chosen.size()));
  std::vector<Index> pool;
  std::unordered_set<Index> taken;
  const auto take = [&](Index index) {
    if (isNew(index) && taken.insert(index).second)
      pool.push_back(index);
  };
  if (space().size() <= most) {
    for (Index index = 0; index < space().size(); ++index)
      take(index);
    return pool;
  }
  std::vector<std::size_t> order = chosen;
  sortByValue(order);
  for (std::size_t i = 0; i < std::min(kIncumbents, order.size()); ++i)
    for (const Index index : space().oneApart(history()[order[i]].index))
      take(index);
  if (settings_.prior)
    for (std::size_t i = 0; i < settings_.prior->ranked().size() && pool.size() < most / 2; ++i)
      take(settings_.prior->ranked()[i].index);
  const std::vector<Index> byMean = predictedBest(kernel, chosen);
  for (std::size_t i = 0; i < byMean.size() && pool.size() < most * 3 / 4; ++i)
    take(byMean[i]);
  for (std::size_t i = 0; i < byMean.size() && pool.size() < most; ++i)
    take(random().pick(byMean));
  return pool;
}

// All of a small space or many of a large one, the lowest predicted mean first: that needs no
// variances.
std::vector<Index> Surrogate::predictedBest(const Kernel& kernel,
                                            const std::vector<std::size_t>& chosen) {
  Cholesky factor;
  LevelTable rows(levels_.size());
  std::vector<double> weights;
  std::vector<float> own;
  for (const std::size_t i : chosen) {
    space().at(history()[i].index, rows.add());
    own.resize(rows.size());
    kernel.row(rows[rows.size() - 1], rows, 0, own);
    own.back() += static_cast<float>(std::exp(parameters_.logNugget));
    factor.add(own);
    weights.push_back(
        scale_.centred(history()[i].index, history()[i].outcome)[TargetScale::kValue]);
  }
  factor.solveLower(weights);
  factor.solveUpper(weights);
  const std::vector<float> light(weights.begin(), weights.end());
  std::vector<std::pair<float, Index>> predicted;
  const bool isWhole = space().size() <= kFullPool;
  const std::size_t count = isWhole ? space().size() : kRandomCandidates;
  for (std::size_t i = 0; i < count; ++i) {
    const Index index = isWhole ? i : random().below(space().size());
    kernel.row(levelsOf(index), rows, 0, own);
    predicted.emplace_back(dot(own.data(), light.data(), light.size()) +
                               static_cast<float>(scale_.offset(index)),
                           index);
  }
  std::ranges::sort(predicted);
  std::vector<Index> best;
  best.reserve(predicted.size());
  for (const auto& [mean, index] : predicted)
    best.push_back(index);
  return best;
}

void Surrogate::refit() {
  scale_ = TargetScale(history(), settings_.prior,
                       {.compression = settings_.compression,
                        .failedValue = settings_.failedValue,
                        .priorSpread = settings_.priorSpread});
  std::vector<std::size_t> chosen(history().size());
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  thin(chosen, settings_.modelled);
  learnParameters(chosen);
  const Kernel kernel(space().dimensions(), features_, parameters_);
  pool_ = candidates(kernel, chosen);
  LevelTable table(levels_.size());
  table.reserve(pool_.size());
  offsets_.clear();
  for (const Index index : pool_) {
    space().at(index, table.add());
    offsets_.push_back(scale_.offset(index));
  }
  posterior_ =
      std::make_unique<Posterior>(kernel, std::exp(parameters_.logNugget), std::move(table));
  std::vector<Index> pending = std::move(rows_);
  std::erase_if(pending, [this](Index index) { return !isPending(index); });
  rows_.clear();
  isRow_.clear();
  for (const std::size_t i : chosen)
    expect(history()[i].index);
  for (const Index index : pending)
    expect(index);
  seen_ = history().size();
  catchUp();
  refitAt_ = seen_ + std::clamp<std::size_t>(seen_ / 3, seen_ < kFew ? 1 : 4, settings_.modelled);
}

void Surrogate::expect(Index index) {
  if (!isRow_.insert(index).second)
    return;
  posterior_->expect(levelsOf(index));
  rows_.push_back(index);
}

// What was told since becomes rows; rows whose outcome is known settle, in order.
void Surrogate::catchUp() {
  for (; seen_ < history().size(); ++seen_)
    expect(history()[seen_].index);
  std::vector<Posterior::Targets> targets;
  for (const Index index : rows_) {
    const Outcome* outcome = find(index);
    if (!outcome)
      break;
    targets.push_back(scale_.centred(index, *outcome));
  }
  posterior_->settle(targets);
}

double Surrogate::deviation(std::size_t candidate) const {
  const double variance = static_cast<double>(posterior_->variance()[candidate]);
  return scale_.sigma() * std::sqrt(std::max(kLeastVariance, variance));
}

std::optional<Index> Surrogate::mostPromising() const {
  const auto value = posterior_->mean(TargetScale::kValue);
  const auto failure = posterior_->mean(TargetScale::kFailure);
  const auto cost = posterior_->mean(TargetScale::kCost);
  // Without any valid value, the lowest prediction is the most promising.
  double best = kNoBest;
  if (this->best())
    best = scale_.height(*this->best()->outcome.value);
  else if (!offsets_.empty())
    best = std::ranges::min(offsets_);
  // No candidate's gain is raised by more than the cheapest one's.
  const double mostFactor =
      cost.empty() ? 1
                   : std::exp(-settings_.costPower * static_cast<double>(std::ranges::min(cost)));
  double most = -1;
  std::optional<Index> found;
  for (std::size_t c = 0; c < pool_.size(); ++c) {
    const double sigma = deviation(c);
    const double z = (best - offsets_[c] - static_cast<double>(value[c])) / sigma;
    double gain = sigma * improvement(z);
    if (gain * mostFactor <= most)
      continue;
    gain *= scale_.validity(static_cast<double>(failure[c])) *
            std::exp(-settings_.costPower * static_cast<double>(cost[c]));
    if (gain > most && isNew(pool_[c])) {
      most = gain;
      found = pool_[c];
    }
  }
  return found;
}

std::optional<double> Surrogate::improvementChance(double share) {
  if (!best() || (!settings_.prior && history().size() < initial()))
    return std::nullopt;
  if (!posterior_)
    refit();
  else
    catchUp();
  const auto value = posterior_->mean(TargetScale::kValue);
  const double wanted = scale_.height(*best()->outcome.value * (1 - share));
  double none = 1;
  for (std::size_t c = 0; c < pool_.size(); ++c)
    if (isNew(pool_[c]))
      none *=
          1 - chanceBelow((wanted - offsets_[c] - static_cast<double>(value[c])) / deviation(c));
  return 1 - none;
}

} // namespace

SearcherPtr makeSurrogate(SpacePtr space, std::uint64_t seed, const SurrogateSettings& settings) {
  return std::make_unique<Surrogate>(std::move(space), seed, settings);
}

SearcherPtr makeSurrogate(SpacePtr space, std::uint64_t seed) {
  return makeSurrogate(std::move(space), seed, SurrogateSettings());
}

} // namespace ptotune::search
