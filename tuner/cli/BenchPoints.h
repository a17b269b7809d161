// Which points 'pto-tune bench' measures: names and texts to candidates.
#pragma once

#include "space/Job.h"
#include "tuner/Bench.h"
#include "tuner/cli/BenchReport.h"

#include <set>
#include <string>
#include <vector>

namespace ptotune::cli {

// Names that stand for points, beside "NAME=value,...".
inline constexpr const char* kDefaultPoint = "default";
inline constexpr const char* kSeedPoint = "seed";
inline constexpr const char* kChampionPoint = "champion";
inline constexpr const char* kManualKernel = "manual";

struct BenchQuestion {
  std::vector<std::string> points;
  std::string sweep; // parameter
  std::string baseline = kDefaultPoint;
  std::string database; // of the champions; "": none
  std::string runner;   // whose champions come first
};

struct BenchChoice {
  BenchPlan plan;
  std::vector<BenchLabel> labels;
  std::set<std::string> swept; // labels that stand there because of a sweep alone

  bool needsManualKernel() const;
  // Whether a row has no time for a reason that a sweep is made to show: the rules reject its
  // value.
  bool expected(const BenchRow& row) const;
};

// An error where a name, a parameter or a point is not understood, or where the database has no
// champion.
Result<BenchChoice> choosePoints(const BenchQuestion& question, const Job& job);

} // namespace ptotune::cli
