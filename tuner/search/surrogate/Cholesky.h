// The lower triangular factor L of a symmetric positive matrix, row by row.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ptotune::search {

class Cholesky {
public:
  std::size_t size() const { return size_; }
  void clear() {
    size_ = 0;
    packed_.clear();
  }
  // The next row of the matrix: its covariances with all rows before, and its own variance. A row
  // that rounding would make singular counts as nearly known.
  void add(std::span<const float> row);
  // Row i of L: i + 1 entries.
  std::span<const float> row(std::size_t i) const {
    return {packed_.data() + i * (i + 1) / 2, i + 1};
  }
  // Solves L x = b in place, for the first b.size() rows.
  void solveLower(std::span<double> b) const;
  // Solves L^T x = b in place.
  void solveUpper(std::span<double> b) const;
  // The sum of the logarithms of L's diagonal.
  double logDiagonal() const;

private:
  std::size_t size_ = 0;
  std::vector<float> packed_;
};

// The scalar product, in the same order of additions on every machine.
float dot(const float* a, const float* b, std::size_t count);

} // namespace ptotune::search
