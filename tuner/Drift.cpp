#include "tuner/Drift.h"

#include "db/Statistics.h"

#include <fmt/format.h>

#include <cmath>

namespace ptotune {

std::string Drift::text() const {
  return fmt::format("the device became {:.1f} % {} ({} measurements of the reference point, p = "
                     "{:.1g})",
                     std::abs(relative) * 100, relative > 0 ? "slower" : "faster", measurements, p);
}

void DriftWatch::reference(double seconds) {
  since_ = 0;
  seconds_.push_back(seconds);
}

std::optional<Drift> DriftWatch::drift() const {
  const Trend trend = trendOf(seconds_);
  if (trend.p >= kSignificant)
    return std::nullopt;
  return Drift{.relative = trend.relative, .p = trend.p, .measurements = seconds_.size()};
}

} // namespace ptotune
