#include "tuner/search/surrogate/Cholesky.h"

#include <cmath>

namespace ptotune::search {
namespace {

constexpr float kLeastPivot = 1e-5F;

} // namespace

float dot(const float* a, const float* b, std::size_t count) {
  // Independent sums, which a compiler may keep in one vector register.
  constexpr std::size_t kLanes = 16;
  float sums[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      sums[lane] += a[i + lane] * b[i + lane];
  float sum = 0;
  for (; i < count; ++i)
    sum += a[i] * b[i];
  for (const float part : sums)
    sum += part;
  return sum;
}

void Cholesky::add(std::span<const float> row) {
  const std::size_t start = packed_.size();
  packed_.insert(packed_.end(), row.begin(), row.end());
  float* own = packed_.data() + start;
  for (std::size_t j = 0; j < size_; ++j) {
    const float* other = packed_.data() + j * (j + 1) / 2;
    own[j] = (own[j] - dot(own, other, j)) / other[j];
  }
  const float pivot = own[size_] - dot(own, own, size_);
  own[size_] = std::sqrt(pivot > kLeastPivot ? pivot : kLeastPivot);
  ++size_;
}

void Cholesky::solveLower(std::span<double> b) const {
  for (std::size_t i = 0; i < b.size(); ++i) {
    const auto own = row(i);
    double sum = b[i];
    for (std::size_t j = 0; j < i; ++j)
      sum -= static_cast<double>(own[j]) * b[j];
    b[i] = sum / static_cast<double>(own[i]);
  }
}

void Cholesky::solveUpper(std::span<double> b) const {
  for (std::size_t i = b.size(); i-- > 0;) {
    const auto own = row(i);
    b[i] /= static_cast<double>(own[i]);
    for (std::size_t j = 0; j < i; ++j)
      b[j] -= static_cast<double>(own[j]) * b[i];
  }
}

double Cholesky::logDiagonal() const {
  double sum = 0;
  for (std::size_t i = 0; i < size_; ++i)
    sum += std::log(static_cast<double>(row(i)[i]));
  return sum;
}

} // namespace ptotune::search
