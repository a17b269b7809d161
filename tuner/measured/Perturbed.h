// How soon a search finds the best of a device that is not quite as its profile says.
//
// Vocabulary
//   perturbed device  the virtual Ascend with every cost of its profile multiplied by a factor of
//                     its own, drawn uniformly from [1 - most, 1 + most]
//   measurement       its time of a point times 1 + noise * a standard normal number
//   true best         the least time without noise over all legal points, all of them simulated
//   good              a point with a time, without noise, within `within` of the true best
#pragma once

#include "space/Job.h"
#include "tuner/Tuner.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ptotune {

// Costs are all that is multiplied: bandwidths, instructions by kind, the free constants. What is
// legal, and what a point lowers to, stays as it is.
SocProfile perturbed(const SocProfile& soc, double most, std::uint64_t seed);

struct PerturbedOptions {
  std::vector<std::string> searches = {"auto"};
  std::size_t devices = 20;
  std::uint64_t seed = 1; // of the first device
  double most = 0.25;
  double noise = 0.02;
  double within = 0.02;
  std::size_t horizon = 200; // measured points after which a search is given up
  int jobs = 0;
};

// Of one search on one problem, over all devices. A count is of measured points, the seed, which is
// always first, among them; nothing where more than the horizon is needed.
struct PerturbedRow {
  Problem problem;
  std::string search;
  bool guided = false; // by the times of the profile as it is
  struct Counts {
    std::optional<std::size_t> median, ninetieth;
  };
  Counts found;    // until a good point was measured
  Counts answered; // until the point with the least measurement was a good one
};

struct PerturbedResult {
  std::vector<PerturbedRow> rows;
  std::vector<std::uint64_t> points; // searched, by problem
  // How much slower the profile's best point is than the device's, as a share: median over devices.
  std::vector<double> profileLoss;
  bool interrupted = false;
};

// Strategies without a use for predictions run without them alone.
Result<PerturbedResult> studyPerturbed(const Job& job, const PerturbedOptions& options,
                                       TuneProgress& progress);

} // namespace ptotune
