#include "db/Trial.h"

#include "db/Identity.h"

#include <algorithm>

namespace ptotune {

const char* name(TrialStatus status) {
  switch (status) {
  case TrialStatus::correct:
    return "correct";
  case TrialStatus::constraints:
    return "constraints";
  case TrialStatus::compile:
    return "compile";
  case TrialStatus::runtime:
    return "runtime";
  case TrialStatus::timeout:
    return "timeout";
  case TrialStatus::correctness:
    return "correctness";
  case TrialStatus::hang:
    return "hang";
  case TrialStatus::pruned:
    return "pruned";
  }
  return "unknown";
}

Hash Environment::hash() const {
  return Hash::of(canonicalJson(*this));
}

std::optional<double> Trial::time() const {
  if (seconds.empty())
    return std::nullopt;
  std::vector<double> sorted = seconds;
  std::ranges::sort(sorted);
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

} // namespace ptotune
