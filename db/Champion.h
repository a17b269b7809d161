// The best point of a problem in an environment: read from trials, never stored.
#pragma once

#include "db/Trial.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace ptotune {

inline constexpr std::size_t kTrialStatusCount = 8;

// No legal point of a space is faster than `bound`, in the model of the environment that it was
// proven in.
struct SpaceProof {
  Hash space; // content address
  std::string spaceName;
  std::int64_t points = 0; // of the space, before any rule
  double bound = 0;        // seconds

  bool operator==(const SpaceProof&) const = default;
};

struct Champion {
  Environment environment;
  Problem problem;
  Point point;
  double seconds = 0;       // median over all samples of the point's correct trials
  std::int64_t samples = 0; // that this median was taken over
  std::int64_t ties = 0;    // other points with exactly this time
  bool calibrated = false;  // of every correct trial of the point
  Hash sourceHash;          // of the kernel; empty where it is not known
  Hash programHash;
  // All trials of this problem in this environment, by status.
  std::array<std::int64_t, kTrialStatusCount> trials{};
  std::int64_t lastRecorded = 0; // of these trials; microseconds since 1970, UTC
  // Of the widest space that one is known of, in this environment; nothing: no bound is proven.
  std::optional<SpaceProof> proof;

  // How much faster a point of that space could be, as a share of `seconds`.
  std::optional<double> gap() const;
  std::int64_t trialCount() const;
  std::int64_t trialCount(TrialStatus status) const {
    return trials[static_cast<std::size_t>(status)];
  }
};

} // namespace ptotune
