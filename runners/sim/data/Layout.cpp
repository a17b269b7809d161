#include "runners/sim/data/Layout.h"

#include <algorithm>

namespace ptotune::sim {

using program::Layout;
using program::TileRef;
using program::ViewRef;

namespace {

// Collects runs of elements; one that begins where the last ended makes it longer.
class Runs {
public:
  explicit Runs(program::DType dtype) : elementBytes_(program::bytesOf(dtype)) {}

  void add(std::int64_t element, std::int64_t count) {
    const std::int64_t offset = element * elementBytes_;
    const std::int64_t bytes = count * elementBytes_;
    if (!runs_.empty() && runs_.back().offset + runs_.back().bytes == offset)
      runs_.back().bytes += bytes;
    else
      runs_.push_back({offset, bytes});
  }
  std::vector<Run> take() { return std::move(runs_); }

private:
  std::int64_t elementBytes_;
  std::vector<Run> runs_;
};

// Elements from `at` to the end of its fractal, or to the end of what is asked for.
std::int64_t chunk(std::int64_t at, std::int64_t end, std::int64_t fractal) {
  return std::min(fractal - at % fractal, end - at);
}

// `count` lines of a fractal's, of which `width` elements each are asked for.
void addLines(Runs& runs, std::int64_t element, std::int64_t count, std::int64_t width,
              std::int64_t fractal) {
  if (width == fractal)
    return runs.add(element, count * fractal);
  for (std::int64_t i = 0; i < count; ++i)
    runs.add(element + i * fractal, width);
}

} // namespace

// Walks in the order of addresses, with the longest stretch that is contiguous in every case.
std::vector<Run> runsOf(const TileRef& tile, std::int64_t fractal, const Part& part) {
  Runs runs(tile.dtype);
  const std::int64_t rowEnd = part.row + part.rows;
  const std::int64_t colEnd = part.col + part.cols;
  const auto at = [&](std::int64_t r, std::int64_t c) { return elementOf(tile, fractal, r, c); };
  switch (tile.layout) {
  case Layout::rowMajor:
    for (std::int64_t r = part.row; r < rowEnd; ++r)
      runs.add(at(r, part.col), part.cols);
    break;
  case Layout::colMajor:
    for (std::int64_t c = part.col; c < colEnd; ++c)
      runs.add(at(part.row, c), part.rows);
    break;
  case Layout::nz:
    for (std::int64_t c = part.col; c < colEnd; c += chunk(c, colEnd, fractal))
      addLines(runs, at(part.row, c), part.rows, chunk(c, colEnd, fractal), fractal);
    break;
  case Layout::zn:
    for (std::int64_t r = part.row; r < rowEnd; r += chunk(r, rowEnd, fractal))
      addLines(runs, at(r, part.col), part.cols, chunk(r, rowEnd, fractal), fractal);
    break;
  case Layout::zz:
    for (std::int64_t r = part.row; r < rowEnd; r += chunk(r, rowEnd, fractal))
      for (std::int64_t c = part.col; c < colEnd; c += chunk(c, colEnd, fractal))
        addLines(runs, at(r, c), chunk(r, rowEnd, fractal), chunk(c, colEnd, fractal), fractal);
    break;
  }
  return runs.take();
}

std::vector<Run> runsOf(const TileRef& tile, std::int64_t fractal) {
  return runsOf(tile, fractal, {0, 0, tile.rows, tile.cols});
}

std::vector<Run> runsOf(const ViewRef& view) {
  Runs runs(view.dtype);
  if (view.colStride == 1) {
    for (std::int64_t r = 0; r < view.rows; ++r)
      runs.add(elementOf(view, r, 0), view.cols);
  } else if (view.rowStride == 1) {
    for (std::int64_t c = 0; c < view.cols; ++c)
      runs.add(elementOf(view, 0, c), view.rows);
  } else {
    for (std::int64_t r = 0; r < view.rows; ++r)
      for (std::int64_t c = 0; c < view.cols; ++c)
        runs.add(elementOf(view, r, c), 1);
  }
  return runs.take();
}

Run hull(const std::vector<Run>& runs) {
  if (runs.empty())
    return {};
  std::int64_t begin = runs.front().offset;
  std::int64_t end = begin;
  for (const Run& run : runs) {
    begin = std::min(begin, run.offset);
    end = std::max(end, run.offset + run.bytes);
  }
  return {begin, end - begin};
}

} // namespace ptotune::sim
