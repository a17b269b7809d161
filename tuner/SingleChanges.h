// Which one change "parameter = value" makes most illegal points of a space legal.
//
// Vocabulary
//   gain  of a change p = v: the illegal points that are legal with p set to v, and with what
//         follows p. Each of them is a legal point y with y[p] = v and another value of p in its
//         place, so that the gain is a sum over the legal points, which can be drawn.
#pragma once

#include "space/PointSet.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace ptotune {

struct SingleChange {
  Param param; // one that follows no other
  std::int64_t value = 0;
  std::uint64_t gain = 0; // more than none
};

struct SingleChanges {
  std::vector<SingleChange> changes; // the largest gain first, then by Param and domain order
  bool exact = false;                // all points were looked at; otherwise gains are estimates
};

struct SingleChangeOptions {
  std::uint64_t mostWalked = 0; // sets of up to so many points are gone through
  std::uint64_t draws = 0;      // points drawn of a larger one
  std::uint64_t seed = 1;
};

// Legal are the points of `candidates`, a set over `space`, that `accepts` says yes to.
SingleChanges singleChanges(const PointSet& candidates, const Space& space,
                            const std::function<bool(const Point&)>& accepts,
                            const SingleChangeOptions& options);

} // namespace ptotune
