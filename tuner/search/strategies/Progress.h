// How far a search has come in what it may spend.
#pragma once

#include "tuner/search/Searcher.h"

#include <algorithm>

namespace ptotune::search {

// The share that is spent, 0 to 1, where there is a limit; the tighter of two.
inline std::optional<double> spentShare(std::span<const Observation> history,
                                        const Budget& remaining) {
  if (!remaining.evaluations && !remaining.cost)
    return std::nullopt;
  double share = 0;
  const auto consider = [&share](double spent, double left) {
    if (spent + left > 0)
      share = std::max(share, spent / (spent + left));
  };
  if (remaining.evaluations)
    consider(static_cast<double>(history.size()), static_cast<double>(*remaining.evaluations));
  if (remaining.cost) {
    double spent = 0;
    for (const Observation& one : history)
      spent += one.outcome.cost;
    consider(spent, std::max(0.0, *remaining.cost));
  }
  return share;
}

} // namespace ptotune::search
