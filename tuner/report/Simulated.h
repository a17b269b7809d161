// What the job's simulator adds to stored trials: bounds of whole spaces, and champions' runs.
#pragma once

#include "tuner/report/Report.h"

#include <map>
#include <optional>
#include <string>

namespace ptotune::report {

// The bound of a shape over the job's space. `times` answers for the points that it holds; what is
// missing is simulated and not stored. Nothing where no point is legal.
Result<std::optional<SpaceBound>> spaceBound(const Job& job, const Problem& problem,
                                             const std::map<Point, double>& times,
                                             const ReportOptions& options, TuneProgress& progress);

// The run of a point as an SVG picture, of its first launch. Fails where the point has no kernel
// or does not run to its end.
Result<std::string> timeline(const Job& job, const Problem& problem, const Point& point);

} // namespace ptotune::report
