// Which points 'pto-tune bench' measures: names and texts to candidates.
#pragma once

#include "space/Job.h"
#include "tuner/Bench.h"
#include "tuner/cli/BenchReport.h"

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

  bool needsManualKernel() const;
};

// An error where a name, a parameter or a point is not understood, or where the database has no
// champion.
Result<BenchChoice> choosePoints(const BenchQuestion& question, const Job& job);

} // namespace ptotune::cli
