#include "tuner/search/Searcher.h"

namespace ptotune::search {
namespace {

// Known candidates that a strategy may propose in a row before a random one is taken.
constexpr int kPatience = 64;

} // namespace

Searcher::Searcher(std::shared_ptr<const SearchSpace> space, std::uint64_t seed)
    : space_(std::move(space)), random_(seed) {}

std::vector<Index> Searcher::ask(std::size_t count) {
  std::vector<Index> asked;
  while (asked.size() < count && !exhausted()) {
    asked.push_back(next());
    pending_.insert(asked.back());
  }
  return asked;
}

Index Searcher::next() {
  for (int i = 0; i < kPatience; ++i) {
    const auto candidate = propose();
    if (!candidate)
      break;
    if (const Outcome* outcome = find(*candidate))
      learn(*candidate, Outcome(*outcome));
    else if (!isPending(*candidate))
      return *candidate;
  }
  return randomNew();
}

void Searcher::tell(Index index, const Outcome& outcome) {
  pending_.erase(index);
  if (!known_.emplace(index, history_.size()).second)
    return;
  history_.push_back({index, outcome});
  if (outcome.value && (!best_ || *outcome.value < *best_->outcome.value))
    best_ = history_.back();
  learn(index, outcome);
}

const Outcome* Searcher::find(Index index) const {
  const auto found = known_.find(index);
  return found == known_.end() ? nullptr : &history_[found->second].outcome;
}

Index Searcher::randomNew() {
  const auto placed = [this](Index place) {
    const auto found = shuffled_.find(place);
    return found == shuffled_.end() ? place : found->second;
  };
  // Ends: what was drawn and is still new was not used by the strategy, and is drawn again once all
  // others were.
  while (true) {
    if (drawn_ == space_->size()) {
      drawn_ = 0;
      shuffled_.clear();
    }
    const Index other = drawn_ + random_.below(space_->size() - drawn_);
    const Index drawn = placed(other);
    shuffled_[other] = placed(drawn_);
    shuffled_.erase(drawn_++);
    if (isNew(drawn))
      return drawn;
  }
}

} // namespace ptotune::search
