// What `pto-tune tune` prints at the end.
#pragma once

#include "space/Job.h"
#include "tuner/Tuner.h"
#include "tuner/cli/Text.h"

#include <cstddef>
#include <string>

namespace ptotune::cli {

// Tables of counts, times and best points per problem, then failures, if any. Lines are at most
// `width` columns where words allow.
std::string tuneReport(const Job& job, const TuneResult& result, std::size_t width);

// Times of the best points and of the seed, and the speed-up between them.
std::string timesTable(const Job& job, const TuneResult& result, const ProblemKeys& keys);

// A line with the job's seed; "" where it is the default point.
std::string seedText(const Job& job, std::size_t width);

// Points of each problem that have no time, by status, with the first of them; "" where all have
// one. Begins with an empty line.
std::string failuresText(const TuneResult& result, std::size_t width);

// One sentence on what this run measured: "evaluated 1,234 programs in 74 s", or that there was
// nothing left to do.
std::string evaluatedText(const TuneResult& result, double seconds);

} // namespace ptotune::cli
