#include "runners/sim/data/Layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace ptotune::sim {
namespace {

using program::DType;
using program::Layout;
using program::TileRef;
using program::ViewRef;

constexpr std::int64_t kFractal = 16;

using Runs = std::vector<Run>;

TileRef tileOf(Layout layout, int rows, int cols, int leadingDim, DType dtype = DType::f16) {
  return {0, -1, 0, rows, cols, leadingDim, dtype, layout};
}

struct Position {
  const char* name;
  TileRef tile;
  std::int64_t row, col;
  std::int64_t element; // worked out by hand
};

TEST(Layout, PlacesElements) {
  const Position cases[] = {
      {"row major", tileOf(Layout::rowMajor, 4, 10, 12), 2, 3, 27},
      {"column major", tileOf(Layout::colMajor, 4, 10, 6), 2, 3, 20},
      // Second column of fractals, each of 32 rows; row 17 there.
      {"nz", tileOf(Layout::nz, 32, 48, 32), 17, 20, 32 * 16 + 17 * 16 + 4},
      // Second row of fractals, each of 64 columns; column 5 there.
      {"zn", tileOf(Layout::zn, 32, 64, 64), 17, 5, 64 * 16 + 5 * 16 + 1},
      // Second row of fractals, of 48 columns; second fractal; row 1, column 4 in it.
      {"zz", tileOf(Layout::zz, 32, 48, 48), 17, 20, 48 * 16 + 256 + 16 + 4},
  };
  for (const Position& c : cases)
    EXPECT_EQ(elementOf(c.tile, kFractal, c.row, c.col), c.element) << c.name;
}

TEST(Layout, EveryElementHasItsPlace) {
  for (const TileRef& tile : {tileOf(Layout::rowMajor, 32, 48, 48),
                              tileOf(Layout::colMajor, 32, 48, 32), tileOf(Layout::nz, 32, 48, 32),
                              tileOf(Layout::zn, 32, 48, 48), tileOf(Layout::zz, 32, 48, 48)}) {
    std::set<std::int64_t> elements;
    for (int r = 0; r < tile.rows; ++r)
      for (int c = 0; c < tile.cols; ++c)
        elements.insert(elementOf(tile, kFractal, r, c));
    EXPECT_EQ(elements.size(), 32U * 48U);
    EXPECT_EQ(*elements.begin(), 0);
    EXPECT_EQ(*elements.rbegin(), 32 * 48 - 1);
  }
}

// The bytes of runs, sorted; fails where one is in two runs.
std::vector<std::int64_t> bytesOf(const std::vector<Run>& runs) {
  std::vector<std::int64_t> bytes;
  for (const Run& run : runs)
    for (std::int64_t i = 0; i < run.bytes; ++i)
      bytes.push_back(run.offset + i);
  std::sort(bytes.begin(), bytes.end());
  EXPECT_EQ(std::adjacent_find(bytes.begin(), bytes.end()), bytes.end());
  return bytes;
}

TEST(Layout, RunsAreTheBytesOfTheElements) {
  const Part parts[] = {{0, 0, 32, 48}, {0, 16, 32, 16}, {16, 0, 16, 48}, {16, 32, 16, 16},
                        {3, 5, 7, 30},  {0, 0, 1, 1},    {15, 15, 2, 2},  {0, 40, 32, 8}};
  for (const DType dtype : {DType::f16, DType::f32})
    for (const TileRef& tile :
         {tileOf(Layout::rowMajor, 32, 48, 50, dtype), tileOf(Layout::colMajor, 32, 48, 40, dtype),
          tileOf(Layout::nz, 32, 48, 32, dtype), tileOf(Layout::zn, 32, 48, 48, dtype),
          tileOf(Layout::zz, 32, 48, 48, dtype)})
      for (const Part& part : parts) {
        std::vector<std::int64_t> expected;
        const std::int64_t size = program::bytesOf(dtype);
        for (std::int64_t r = part.row; r < part.row + part.rows; ++r)
          for (std::int64_t c = part.col; c < part.col + part.cols; ++c)
            for (std::int64_t i = 0; i < size; ++i)
              expected.push_back(elementOf(tile, kFractal, r, c) * size + i);
        std::sort(expected.begin(), expected.end());
        EXPECT_EQ(bytesOf(runsOf(tile, kFractal, part)), expected)
            << static_cast<int>(tile.layout) << " at " << part.row << ", " << part.col;
      }
}

TEST(Layout, NeighboursAreOneRun) {
  const auto one = [](const TileRef& tile, const Part& part) {
    return runsOf(tile, kFractal, part).size();
  };
  EXPECT_EQ(one(tileOf(Layout::nz, 128, 64, 128), {0, 16, 128, 32}), 1U); // columns of fractals
  EXPECT_EQ(one(tileOf(Layout::zn, 64, 128, 128), {32, 0, 32, 128}), 1U); // rows of fractals
  EXPECT_EQ(one(tileOf(Layout::zz, 64, 64, 64), {16, 0, 32, 64}), 1U);
  EXPECT_EQ(one(tileOf(Layout::rowMajor, 8, 64, 64), {2, 0, 4, 64}), 1U);
  EXPECT_EQ(one(tileOf(Layout::rowMajor, 8, 64, 128), {2, 0, 4, 64}), 4U);
  EXPECT_EQ(one(tileOf(Layout::colMajor, 8, 1, 8), {0, 0, 8, 1}), 1U);
}

TEST(Layout, RunsOfViews) {
  ViewRef view;
  view.rows = 2;
  view.cols = 3;
  view.rowStride = 10;
  EXPECT_EQ(runsOf(view), (Runs{{0, 6}, {20, 6}}));
  view.rowStride = 3;
  EXPECT_EQ(runsOf(view), (Runs{{0, 12}}));
  view.rowStride = 1; // K^T: columns lie one after the other
  view.colStride = 2;
  EXPECT_EQ(runsOf(view), (Runs{{0, 12}}));
  view.colStride = 5;
  EXPECT_EQ(runsOf(view), (Runs{{0, 4}, {10, 4}, {20, 4}}));
  view.rowStride = 7;
  EXPECT_EQ(runsOf(view), (Runs{{0, 2}, {10, 2}, {20, 2}, {14, 2}, {24, 2}, {34, 2}}));
  EXPECT_EQ(Runs{hull(runsOf(view))}, (Runs{{0, 36}}));
}

} // namespace
} // namespace ptotune::sim
