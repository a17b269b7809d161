// Whether a device changes its speed while it is measured on.
//
// A reference point is measured again and again, in between all others. Its times in their order
// are tested for a trend (Mann and Kendall, db/Statistics.h): so the test knows the noise from the
// reference itself. A device that warms up, or is shared from some moment on, gives a trend; noise
// around one speed does not, but once in a hundred times.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ptotune {

struct Drift {
  double relative = 0; // change from the first to the last, in parts of the median; > 0: slower
  double p = 1;        // of a trend as strong as this where there is none
  std::size_t measurements = 0; // of the reference point

  // "the device became 4.2 % slower (24 measurements of the reference point, p = 0.0002)"
  std::string text() const;
};

class DriftWatch {
public:
  // A trend is believed from here on.
  static constexpr double kSignificant = 0.01;

  // `every`: other measurements between two of the reference point.
  explicit DriftWatch(std::size_t every = 25) : every_(every), since_(every) {}

  // Whether the reference point is to be measured next.
  bool due() const { return since_ >= every_; }
  void other() { ++since_; }
  void reference(double seconds);

  // Nothing while no trend is believed. To be asked once, at the end: each question has its own
  // chance of a false alarm.
  std::optional<Drift> drift() const;

private:
  std::size_t every_;
  std::size_t since_;
  std::vector<double> seconds_;
};

} // namespace ptotune
