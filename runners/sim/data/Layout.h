// Where the elements of tiles and views lie: positions within a tile's rectangle, and the runs of
// neighbouring bytes that a rectangle covers.
#pragma once

#include "codegen/program/Program.h"

#include <cstdint>
#include <vector>

namespace ptotune::sim {

// Bytes [offset, offset + bytes) from a base.
struct Run {
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  bool operator==(const Run&) const = default;
};

// A part of a tile: rows x cols elements from (row, col) on.
struct Part {
  std::int64_t row = 0;
  std::int64_t col = 0;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
};

// Element (r, c) of a tile, counted in elements from its element (0, 0). `fractal`: rows and
// columns of a fractal.
inline std::int64_t elementOf(const program::TileRef& tile, std::int64_t fractal, std::int64_t r,
                              std::int64_t c) {
  const std::int64_t ld = tile.leadingDim;
  switch (tile.layout) {
  case program::Layout::rowMajor:
    return r * ld + c;
  case program::Layout::colMajor:
    return c * ld + r;
  case program::Layout::nz:
    return (c / fractal * ld + r) * fractal + c % fractal;
  case program::Layout::zn:
    return (r / fractal * ld + c) * fractal + r % fractal;
  case program::Layout::zz:
    return r / fractal * ld * fractal + (c / fractal * fractal + r % fractal) * fractal +
           c % fractal;
  }
  return 0;
}

// Element (r, c) of a view, counted in elements from its element (0, 0).
inline std::int64_t elementOf(const program::ViewRef& view, std::int64_t r, std::int64_t c) {
  return r * view.rowStride + c * view.colStride;
}

// The bytes of a part of a tile, from the tile's element (0, 0); neighbours are one run.
std::vector<Run> runsOf(const program::TileRef& tile, std::int64_t fractal, const Part& part);
// The bytes of a whole tile, and of a view.
std::vector<Run> runsOf(const program::TileRef& tile, std::int64_t fractal);
std::vector<Run> runsOf(const program::ViewRef& view);

// The least run that holds them all.
Run hull(const std::vector<Run>& runs);

} // namespace ptotune::sim
