// Fits the free constants of a SoC profile to measured times.
//
// Vocabulary
//   constant  a number of the profile's [constants] that no document states
//   sample    a measurement with the program that its point lowers to
//   error     of a sample: simulated / measured - 1
//   group     samples that were measured together (Measurement::group())
//
// What is made small is the sum of the squared errors of all samples. The search is NLopt's Sbplx
// (Rowan 1990, a simplex search over subspaces) from the profile's own values, within each
// constant's bounds; it draws no random numbers.
#pragma once

#include "codegen/program/Program.h"
#include "space/Result.h"
#include "space/Soc.h"
#include "tuner/calibration/Measurements.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune::calibration {

struct Constant {
  std::string_view key; // in the profile's [constants]
  double least;
  double most;
  double step;                // first step of the search
  double SocProfile::* place; // null: of SocProfile::gmSharing
  double GmSharing::* shared;
  double unit; // of the profile's file, in the unit of the field

  double get(const SocProfile& soc) const {
    return (place ? soc.*place : soc.gmSharing.*shared) / unit;
  }
  void set(SocProfile& soc, double value) const {
    (place ? soc.*place : soc.gmSharing.*shared) = value * unit;
  }
};
// All that may be fitted.
std::span<const Constant> constants();
const Constant* findConstant(std::string_view key);
// Those that are fitted unless others are asked for.
std::vector<const Constant*> usualConstants();

struct Sample {
  Measurement measured;
  program::Program program;
};

// Lowers the point of every measurement for this SoC.
Result<std::vector<Sample>> lowerAll(const std::vector<Measurement>& measurements,
                                     const SocProfile& soc, const std::string& file);

// Seconds of every sample; an error names the sample that does not run to its end.
Result<std::vector<double>> simulateAll(std::span<const Sample> samples, const SocProfile& soc);

struct Fitted {
  SocProfile soc;
  std::vector<double> seconds; // simulated, by sample
  std::vector<double> leftOut; // the same, fitted to all others
};
Result<Fitted> fit(std::span<const Sample> samples, const SocProfile& soc,
                   std::span<const Constant* const> free);

struct GroupError {
  std::string group;
  std::size_t rows = 0;
  double mape = 0;
  double leftOut = 0;
  double rank = 0; // Spearman's correlation of measured and simulated times; 0 for a single row
};
std::vector<GroupError> groupErrors(std::span<const Sample> samples, const Fitted& fitted);

// Spearman's rank correlation; equal values share their mean rank.
double rankCorrelation(std::span<const double> a, std::span<const double> b);

} // namespace ptotune::calibration
