// Every tile instruction against a scalar oracle, in all layouts that its operands may have.
#include "TileBench.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ptotune::sim {
namespace {

using program::DType;
using program::Instr;
using program::Layout;
using program::Rounding;
using program::TileRef;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

// Numbers of either sign with full fractions; different for different operands.
float some(int operand, int r, int c) {
  return std::sin(static_cast<float>(1 + operand * 1000 + r * 37 + c)) * 3;
}

Instr instrOf(Op op) {
  Instr instr;
  instr.shape.op = op;
  return instr;
}

// --- Elementwise -------------------------------------------------------------------------------

struct Elementwise {
  Op op;
  int sources;
  float (*oracle)(float a, float b);
};

constexpr double kScalar = 0.08838834764831845; // 1 / sqrt(128)

class ElementwiseOp : public testing::TestWithParam<Elementwise> {};

TEST_P(ElementwiseOp, IsTheOracle) {
  const Elementwise& c = GetParam();
  struct Shape {
    int rows, cols, leadingDim;
    Layout layout;
  };
  for (const Shape& shape : {Shape{5, 24, 0, Layout::rowMajor}, Shape{5, 24, 40, Layout::rowMajor},
                             Shape{9, 1, 0, Layout::colMajor}, Shape{1, 64, 0, Layout::rowMajor}}) {
    TileBench bench;
    const auto tile = [&] {
      return bench.tile(shape.rows, shape.cols, DType::f32, shape.layout, shape.leadingDim);
    };
    Instr instr = instrOf(c.op);
    instr.scalar = kScalar;
    instr.dst = tile();
    for (int i = 0; i < c.sources; ++i) {
      instr.src[static_cast<std::size_t>(i)] = tile();
      bench.fill(instr.src[static_cast<std::size_t>(i)],
                 [i](int r, int col) { return some(i, r, col); });
    }
    bench.run(instr);
    for (int r = 0; r < shape.rows; ++r)
      for (int col = 0; col < shape.cols; ++col)
        ASSERT_EQ(bench.at(instr.dst, r, col), c.oracle(some(0, r, col), some(1, r, col)))
            << r << ", " << col;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Datapath, ElementwiseOp,
    testing::Values(
        Elementwise{Op::tmov, 1, [](float a, float) { return a; }},
        Elementwise{Op::tadd, 2, [](float a, float b) { return a + b; }},
        Elementwise{Op::tsub, 2, [](float a, float b) { return a - b; }},
        Elementwise{Op::tmul, 2, [](float a, float b) { return a * b; }},
        Elementwise{Op::tmax, 2, [](float a, float b) { return std::fmax(a, b); }},
        Elementwise{Op::tmuls, 1, [](float a, float) { return a * static_cast<float>(kScalar); }},
        Elementwise{Op::tadds, 1, [](float a, float) { return a + static_cast<float>(kScalar); }},
        Elementwise{Op::texp, 1, [](float a, float) { return std::exp(a); }},
        Elementwise{Op::texpands, 0, [](float, float) { return static_cast<float>(kScalar); }},
        Elementwise{Op::tcvt, 1, [](float a, float) { return a; }}),
    [](const auto& info) { return std::string(name(info.param.op)); });

TEST(Datapath, WorksInPlace) {
  TileBench bench;
  Instr instr = instrOf(Op::tadd);
  instr.dst = instr.src[0] = instr.src[1] = bench.tile(3, 16);
  bench.fill(instr.dst, [](int r, int c) { return some(0, r, c); });
  bench.run(instr);
  EXPECT_EQ(bench.at(instr.dst, 2, 7), some(0, 2, 7) * 2);
}

TEST(Datapath, MaximaKeepNaN) {
  TileBench bench;
  Instr instr = instrOf(Op::tmax);
  instr.src[0] = bench.tile(1, 4);
  instr.src[1] = bench.tile(1, 4);
  instr.dst = bench.tile(1, 4);
  const float a[] = {kNaN, 1, -kInf, -0.5F};
  const float b[] = {1, kNaN, -kInf, kInf};
  bench.fill(instr.src[0], [&](int, int c) { return a[c]; });
  bench.fill(instr.src[1], [&](int, int c) { return b[c]; });
  bench.run(instr);
  EXPECT_TRUE(std::isnan(bench.at(instr.dst, 0, 0)));
  EXPECT_TRUE(std::isnan(bench.at(instr.dst, 0, 1)));
  EXPECT_EQ(bench.at(instr.dst, 0, 2), -kInf);
  EXPECT_EQ(bench.at(instr.dst, 0, 3), kInf);
}

// --- Rows --------------------------------------------------------------------------------------

class RowExpand : public testing::TestWithParam<Elementwise> {};

TEST_P(RowExpand, AppliesAColumn) {
  const Elementwise& c = GetParam();
  TileBench bench;
  Instr instr = instrOf(c.op);
  instr.dst = instr.src[0] = bench.tile(8, 24);
  instr.src[1] = bench.tile(8, 1, DType::f32, Layout::colMajor);
  instr.scratch = bench.tile(8, 8);
  bench.fill(instr.src[0], [](int r, int col) { return some(0, r, col); });
  bench.fill(instr.src[1], [](int r, int) { return some(1, r, 0); });
  bench.run(instr);
  for (int r = 0; r < 8; ++r)
    for (int col = 0; col < 24; ++col)
      ASSERT_EQ(bench.at(instr.dst, r, col), c.oracle(some(0, r, col), some(1, r, 0)));
  EXPECT_TRUE(std::isnan(bench.at(instr.scratch, 7, 7))) << "scratch holds nothing afterwards";
}

INSTANTIATE_TEST_SUITE_P(
    Datapath, RowExpand,
    testing::Values(Elementwise{Op::trowexpandsub, 2, [](float a, float b) { return a - b; }},
                    Elementwise{Op::trowexpandmul, 2, [](float a, float b) { return a * b; }},
                    Elementwise{Op::trowexpanddiv, 2, [](float a, float b) { return a / b; }}),
    [](const auto& info) { return std::string(name(info.param.op)); });

TEST(Datapath, ReducesRows) {
  for (const int cols : {1, 3, 64, 65, 200, 256})
    for (const Op op : {Op::trowmax, Op::trowsum}) {
      TileBench bench;
      Instr instr = instrOf(op);
      instr.src[0] = bench.tile(8, cols);
      instr.dst = bench.tile(8, 1, DType::f32, Layout::colMajor);
      bench.fill(instr.src[0], [](int r, int c) { return some(0, r, c); });
      bench.run(instr);
      for (int r = 0; r < 8; ++r) {
        double sum = 0;
        double most = some(0, r, 0);
        for (int c = 0; c < cols; ++c) {
          sum += some(0, r, c);
          most = std::fmax(most, some(0, r, c));
        }
        if (op == Op::trowmax)
          EXPECT_EQ(bench.at(instr.dst, r, 0), most);
        else
          EXPECT_NEAR(bench.at(instr.dst, r, 0), sum, 1e-4);
      }
    }
}

TEST(Datapath, RowMaximumKeepsNaN) {
  TileBench bench;
  Instr instr = instrOf(Op::trowmax);
  instr.src[0] = bench.tile(1, 3);
  instr.dst = bench.tile(1, 1, DType::f32, Layout::colMajor);
  bench.fill(instr.src[0], [](int, int c) { return c == 1 ? kNaN : static_cast<float>(c); });
  bench.run(instr);
  EXPECT_TRUE(std::isnan(bench.at(instr.dst, 0, 0)));
}

// With two lanes, 1 + 2^24 + 1 + 0 adds up to 2^24 + 2; one after the other it would stay 2^24.
TEST(Datapath, RowSumFoldsLanesFirst) {
  TileBench bench(2 * 4);
  Instr instr = instrOf(Op::trowsum);
  instr.src[0] = bench.tile(1, 4);
  instr.dst = bench.tile(1, 1, DType::f32, Layout::colMajor);
  const float values[] = {1, 0x1p24F, 1, 0};
  bench.fill(instr.src[0], [&](int, int c) { return values[c]; });
  bench.run(instr);
  EXPECT_EQ(bench.at(instr.dst, 0, 0), 0x1p24F + 2);
}

// Then neighbours: (2^24 + 1) + (1 + 0) loses the first 1 alone.
TEST(Datapath, RowSumAddsNeighbours) {
  TileBench bench(4 * 4);
  Instr instr = instrOf(Op::trowsum);
  instr.src[0] = bench.tile(1, 4);
  instr.dst = bench.tile(1, 1, DType::f32, Layout::colMajor);
  const float values[] = {0x1p24F, 1, 1, 1};
  bench.fill(instr.src[0], [&](int, int c) { return values[c]; });
  bench.run(instr);
  EXPECT_EQ(bench.at(instr.dst, 0, 0), 0x1p24F + 2);
}

// --- Types -------------------------------------------------------------------------------------

TEST(Datapath, ConvertsAsTheInstructionSays) {
  const float tie = 1.0F + 0x1p-11F; // between 1 and the next fp16 number
  for (const Rounding rounding : {Rounding::tiesToEven, Rounding::tiesAway}) {
    TileBench bench;
    Instr instr = instrOf(Op::tcvt);
    instr.rounding = rounding;
    instr.src[0] = bench.tile(1, 16);
    instr.dst = bench.tile(1, 16, DType::f16);
    bench.fill(instr.src[0], [&](int, int c) { return c == 0 ? tie : some(0, 0, c); });
    bench.run(instr);
    EXPECT_EQ(bench.at(instr.dst, 0, 0), rounding == Rounding::tiesToEven ? 1.0F : 1.0F + 0x1p-10F);
    EXPECT_EQ(bench.at(instr.dst, 0, 5), toFloat(toHalf(some(0, 0, 5))));
  }
}

TEST(Datapath, ComputesFp16InFp32) {
  TileBench bench;
  Instr instr = instrOf(Op::tmul);
  instr.src[0] = bench.tile(1, 4, DType::f16);
  instr.src[1] = bench.tile(1, 4, DType::f16);
  instr.dst = bench.tile(1, 4, DType::f16);
  bench.fill(instr.src[0], [](int, int) { return 1.0F + 0x1p-10F; });
  bench.fill(instr.src[1], [](int, int) { return 1.0F + 0x1p-10F; });
  bench.run(instr);
  EXPECT_EQ(bench.at(instr.dst, 0, 0), 1.0F + 0x1p-9F); // 1 + 2^-9 + 2^-20, rounded once
}

// --- Matrices ----------------------------------------------------------------------------------

// Whole numbers, exact in fp16 and in every partial sum.
float whole(int operand, int r, int c) {
  return static_cast<float>((operand * 5 + r * 7 + c * 3) % 17 - 8);
}

TEST(Datapath, MultipliesMatricesInTheirLayouts) {
  for (const bool accumulates : {false, true}) {
    TileBench bench;
    Instr instr = instrOf(accumulates ? Op::tmatmulAcc : Op::tmatmul);
    instr.src[0] = bench.tile(32, 48, DType::f16, Layout::zz);
    instr.src[1] = bench.tile(48, 64, DType::f16, Layout::zn);
    instr.dst = bench.tile(32, 64, DType::f32, Layout::nz);
    bench.fill(instr.src[0], [](int r, int c) { return whole(0, r, c); });
    bench.fill(instr.src[1], [](int r, int c) { return whole(1, r, c); });
    bench.fill(instr.dst, [](int r, int c) { return whole(2, r, c); });
    bench.run(instr);
    for (int r = 0; r < 32; ++r)
      for (int c = 0; c < 64; ++c) {
        float sum = accumulates ? whole(2, r, c) : 0;
        for (int k = 0; k < 48; ++k)
          sum += whole(0, r, k) * whole(1, k, c);
        ASSERT_EQ(bench.at(instr.dst, r, c), sum) << r << ", " << c;
      }
  }
}

// 2^24 + 1 + 1: the accumulator is fp32, so the ones are lost one by one.
TEST(Datapath, AccumulatesInFp32) {
  TileBench bench;
  Instr instr = instrOf(Op::tmatmul);
  instr.src[0] = bench.tile(16, 16, DType::f16, Layout::zz);
  instr.src[1] = bench.tile(16, 16, DType::f16, Layout::zn);
  instr.dst = bench.tile(16, 16, DType::f32, Layout::nz);
  bench.fill(instr.src[0], [](int, int k) { return k == 0 ? 4096.0F : k < 3 ? 1.0F : 0.0F; });
  bench.fill(instr.src[1], [](int k, int) { return k == 0 ? 4096.0F : 1.0F; });
  bench.run(instr);
  EXPECT_EQ(bench.at(instr.dst, 3, 4), 0x1p24F);
}

// A NaN in either operand shows, even against zeros.
TEST(Datapath, ProductsKeepNaN) {
  TileBench bench;
  Instr instr = instrOf(Op::tmatmul);
  instr.src[0] = bench.tile(16, 16, DType::f16, Layout::zz);
  instr.src[1] = bench.tile(16, 16, DType::f16, Layout::zn);
  instr.dst = bench.tile(16, 16, DType::f32, Layout::nz);
  bench.fill(instr.src[0], [](int, int) { return 0.0F; });
  bench.fill(instr.src[1], [](int k, int c) { return k == 2 && c == 5 ? kNaN : 1.0F; });
  bench.run(instr);
  EXPECT_TRUE(std::isnan(bench.at(instr.dst, 0, 5)));
  EXPECT_EQ(bench.at(instr.dst, 0, 4), 0.0F);
}

TEST(Datapath, ExtractsAPart) {
  TileBench bench;
  Instr instr = instrOf(Op::textract);
  instr.src[0] = bench.tile(64, 64, DType::f16, Layout::nz);
  instr.dst = bench.tile(32, 16, DType::f16, Layout::zz);
  bench.fill(instr.src[0], [](int r, int c) { return static_cast<float>(r * 64 + c) / 4; });
  bench.row = 16;
  bench.col = 32;
  bench.run(instr);
  for (int r = 0; r < 32; ++r)
    for (int c = 0; c < 16; ++c)
      ASSERT_EQ(bench.at(instr.dst, r, c),
                toFloat(toHalf(static_cast<float>((r + 16) * 64 + c + 32) / 4)));
}

TEST(Datapath, FillsTheUpperTriangle) {
  for (const std::int64_t diagonal : {-20, -3, 0, 1, 5, 8, 30}) {
    TileBench bench;
    Instr instr = instrOf(Op::ttri);
    instr.row = 0; // some expression; the bench has its value
    instr.dst = bench.tile(4, 8);
    bench.row = diagonal;
    bench.run(instr);
    for (int r = 0; r < 4; ++r)
      for (int c = 0; c < 8; ++c)
        EXPECT_EQ(bench.at(instr.dst, r, c), c >= r + diagonal ? 1 : 0)
            << "diagonal " << diagonal << ", row " << r << ", column " << c;
  }
}

TEST(Datapath, WritesNothingBesides) {
  TileBench bench;
  Instr instr = instrOf(Op::texpands);
  instr.scalar = 1;
  instr.dst = bench.tile(4, 8, DType::f32, Layout::rowMajor, 16);
  instr.dst.byteOffset += 64;
  bench.run(instr);
  for (int r = 0; r < 4; ++r)
    for (int c = 0; c < 16; ++c)
      EXPECT_EQ(std::isnan(bench.raw(instr.dst.byteOffset + (r * 16 + c) * 4)), c >= 8);
  EXPECT_TRUE(std::isnan(bench.raw(instr.dst.byteOffset - 4)));
}

// --- Objections --------------------------------------------------------------------------------

struct Objection {
  const char* text;
  Instr instr;
};

TEST(Datapath, ObjectsToWhatHasNoNumbers) {
  TileBench bench;
  const TileRef tile = bench.tile(4, 8);
  const TileRef half = bench.tile(4, 8, DType::f16);
  const TileRef wide = bench.tile(4, 9);
  const auto with = [&](Op op, const TileRef& dst, const TileRef& a = {}, const TileRef& b = {}) {
    Instr instr = instrOf(op);
    instr.dst = dst;
    instr.src = {a, b, {}};
    return instr;
  };
  Instr load = with(Op::tload, half);
  load.view.rows = 4;
  load.view.cols = 8;
  load.view.dtype = DType::f32;
  Instr store = with(Op::tstore, {}, half);
  store.view = load.view;
  const Objection cases[] = {
      {"has no result", with(Op::tadd, {})},
      {"has no source", with(Op::tadd, tile)},
      {"has no second source", with(Op::tadd, tile, tile)},
      {"has a second source of 4x9; expected 4x8", with(Op::tadd, tile, tile, wide)},
      {"has a column of row values of 4x8; expected 4x1",
       with(Op::trowexpandsub, tile, tile, tile)},
      {"has a result of 4x8; expected 4x1", with(Op::trowmax, tile, tile)},
      {"has a right operand of 4x8; expected 8x8", with(Op::tmatmul, tile, tile, tile)},
      {"has an accumulator in fp16", with(Op::tmatmul, half, tile, tile)},
      {"has no view", with(Op::tload, tile)},
      {"changes the type of its elements", load},
      {"changes the type of its elements", store},
      {"has no source", with(Op::textract, tile)},
  };
  for (const Objection& c : cases)
    EXPECT_EQ(Datapath::objection(c.instr), c.text) << name(c.instr.shape.op);
}

} // namespace
} // namespace ptotune::sim
