// Searching a space by evaluations, in ask and tell.
#pragma once

#include "tuner/search/Random.h"
#include "tuner/search/SearchSpace.h"

#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ptotune::search {

// What an evaluation gave. Lower values are better; a failed configuration has none. `cost` is what
// the evaluation took, building and measuring, in seconds.
struct Outcome {
  std::optional<double> value;
  double cost = 0;
};

struct Observation {
  Index index = 0;
  Outcome outcome;
};

// What may still be spent; what is not limited is left out.
struct Budget {
  std::optional<std::uint64_t> evaluations;
  std::optional<double> cost;
};

// Proposes configurations that it has neither asked for nor been told of. What it asks depends on
// the space, the seed and the calls made on it alone: feeding the recorded outcomes of a broken
// search to a new searcher, call by call, leads to the same next ask.
class Searcher {
public:
  Searcher(std::shared_ptr<const SearchSpace> space, std::uint64_t seed);
  Searcher(const Searcher&) = delete;
  Searcher& operator=(const Searcher&) = delete;
  virtual ~Searcher() = default;

  // Up to `count` configurations to evaluate next; fewer, and at last none, when the space ends.
  std::vector<Index> ask(std::size_t count);
  // An outcome, of what was asked or of anything else that is known. The first one counts.
  void tell(Index index, const Outcome& outcome);
  // Before an ask, where there is a limit.
  virtual void limit(const Budget& remaining) { remaining_ = remaining; }

  const SearchSpace& space() const { return *space_; }
  // In the order they were told.
  std::span<const Observation> history() const { return history_; }
  // The first of the best valid ones.
  std::optional<Observation> best() const { return best_; }
  // The chance, as far as the strategy has a model, that some configuration is better than the best
  // by more than a share of it: where that is small, searching on is not worth its cost. It leans
  // to the high side, for it takes the model's errors to be independent.
  virtual std::optional<double> improvementChance(double /*share*/) { return std::nullopt; }

  bool exhausted() const { return known_.size() + pending_.size() >= space_->size(); }

protected:
  // The next candidate. It need not be new: a known one comes back by learn() at once.
  // Nothing when the strategy has none; a random one is taken then.
  virtual std::optional<Index> propose() = 0;
  virtual void learn(Index index, const Outcome& outcome) = 0;

  Random& random() { return random_; }
  const Budget& remaining() const { return remaining_; }
  const std::shared_ptr<const SearchSpace>& sharedSpace() const { return space_; }
  const Outcome* find(Index index) const;
  bool isPending(Index index) const { return pending_.contains(index); }
  bool isNew(Index index) const { return !find(index) && !isPending(index); }
  // Uniform over the configurations that are new; the space is not exhausted.
  Index randomNew();

private:
  Index next();

  std::shared_ptr<const SearchSpace> space_;
  Random random_;
  Budget remaining_;
  std::vector<Observation> history_;
  std::optional<Observation> best_;
  std::unordered_map<Index, std::size_t> known_; // index into history_
  std::unordered_set<Index> pending_;
  // A shuffle of all indices, written down only where it differs from the identity; the first
  // drawn_ places are used up.
  std::unordered_map<Index, Index> shuffled_;
  Index drawn_ = 0;
};

} // namespace ptotune::search
