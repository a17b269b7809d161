#include "space/fa/Buffers.h"

#include "tests/support/Paths.h"

#include <gtest/gtest.h>

#include <random>

using namespace ptotune;

namespace {

SocProfile profile() {
  auto soc = loadSoc(test::config("soc/ascend910b2.toml"));
  EXPECT_TRUE(soc) << soc.error().text();
  return *soc;
}

// No two buffers that live at once share a byte; every copy is aligned and inside the high-water
// mark.
void expectSound(const Placement& placement, const SocProfile& soc) {
  for (const PlacedBuffer& a : placement.buffers) {
    const std::int64_t end = a.address + a.stride * a.buffer.copies;
    EXPECT_GE(a.stride, a.buffer.bytes);
    EXPECT_EQ(a.address % soc.limit(a.buffer.memory).align, 0) << a.buffer.name;
    EXPECT_EQ(a.stride % soc.limit(a.buffer.memory).align, 0) << a.buffer.name;
    EXPECT_LE(end, placement.used[static_cast<std::size_t>(a.buffer.memory)]) << a.buffer.name;
    for (const PlacedBuffer& b : placement.buffers) {
      if (&a == &b || a.buffer.memory != b.buffer.memory || a.buffer.last < b.buffer.first ||
          b.buffer.last < a.buffer.first)
        continue;
      EXPECT_TRUE(end <= b.address || b.address + b.stride * b.buffer.copies <= a.address)
          << a.buffer.name << " and " << b.buffer.name;
    }
  }
}

TEST(Placement, RandomTablesAreSound) {
  const SocProfile soc = profile();
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<Buffer> table;
    for (int i = 0; i < 12; ++i) {
      const int first = static_cast<int>(random() % 6);
      table.push_back({"b" + std::to_string(i), random() % 2 ? Memory::ub : Memory::l1,
                       1 + static_cast<std::int64_t>(random() % 5000),
                       1 + static_cast<int>(random() % 3), first,
                       first + static_cast<int>(random() % 3), ""});
    }
    expectSound(place(table, soc), soc);
  }
}

TEST(Placement, DisjointLifetimesShareBytes) {
  const SocProfile soc = profile();
  const Placement placement =
      place({{"a", Memory::ub, 1000, 1, 0, 1, ""}, {"b", Memory::ub, 900, 1, 2, 3, ""}}, soc);
  EXPECT_EQ(placement.find("a")->address, placement.find("b")->address);
  EXPECT_EQ(placement.used[static_cast<std::size_t>(Memory::ub)], 1024);
}

// The default point by hand: R = 64 rows, Vr = 32 rows, all sizes in bytes.
TEST(FaBuffers, DefaultPoint) {
  const SocProfile soc = profile();
  const Placement placement = place(fa::buffers({}, Point(), soc), soc);
  expectSound(placement, soc);
  struct Row {
    const char* name;
    std::int64_t bytes;
    int copies;
  };
  const Row rows[] = {
      {fa::kQueryL1, 128 * 128 * 2, 1}, {fa::kKeyL1, 128 * 128 * 2, 2},
      {fa::kProbL1, 128 * 128 * 2, 2},  {fa::kValueL1, 128 * 128 * 2, 2},
      {fa::kLeft, 128 * 128 * 2, 2},    {fa::kRight, 128 * 128 * 2, 2},
      {fa::kAcc, 128 * 128 * 4, 2},     {fa::kOut, 64 * 128 * 4, 1},
      {fa::kVecIn, 32 * 256 * 4, 2},    {fa::kProb, 32 * 256 * 2, 2},
      {fa::kRowTmp, 32 * 64 * 4, 1},    {fa::kExpandTmp, 64 * 32, 1},
      {fa::kRowMax, 64 * 4, 1},         {fa::kRowSum, 64 * 4, 1},
      {fa::kTileMax, 32 * 4, 1},        {fa::kTileSum, 32 * 4, 1},
      {fa::kExpMax, 64 * 4, 8},
  };
  ASSERT_EQ(placement.buffers.size(), std::size(rows));
  for (const Row& row : rows) {
    const PlacedBuffer* placed = placement.find(row.name);
    ASSERT_NE(placed, nullptr) << row.name;
    EXPECT_EQ(placed->buffer.bytes, row.bytes) << row.name;
    EXPECT_EQ(placed->buffer.copies, row.copies) << row.name;
  }
  EXPECT_EQ(fa::workspaceBytes({}, Point()), 8 * (131072 + 65536 + 65536));
}

// Popped tiles: the rings of QK and PV have regions of their own where both fit.
TEST(FaBuffers, LandingRings) {
  const SocProfile soc = profile();
  Point point;
  point.set(Param::pipeModel, static_cast<std::int64_t>(PipeModel::tileOffset));
  const fa::LandingRings rings = fa::landingRings({}, point, soc);
  EXPECT_EQ(rings.qk.bytes, 32 * 128 * 4); // a row slice of one CUBE_S1
  EXPECT_EQ(rings.pv.bytes, 32 * 128 * 4); // the rows of a slice
  EXPECT_EQ(rings.p.bytes, 128 * 128 * 2);
  EXPECT_EQ(rings.qk.stride, rings.qk.bytes);
  EXPECT_FALSE(rings.shared);
  const Placement placement = place(fa::buffers({}, point, soc), soc);
  expectSound(placement, soc);
  EXPECT_EQ(placement.find(fa::kVecIn)->buffer.bytes, 2 * 32 * 128 * 4);
  EXPECT_EQ(placement.find(fa::kProductIn)->buffer.bytes, 2 * 32 * 128 * 4);
  EXPECT_EQ(placement.find(fa::kProbL1)->buffer.bytes, 2 * 128 * 128 * 2);
  EXPECT_EQ(placement.find(fa::kScores)->buffer.bytes, 32 * 256 * 4);
}

// Where two regions do not fit UB, the rings share one: it has the places of both where they lie
// equally far apart, else it is one place.
TEST(FaBuffers, SharedLandingRings) {
  const SocProfile soc = profile();
  Point point;
  point.set(Param::pipeModel, static_cast<std::int64_t>(PipeModel::tile));
  point.set(Param::tileS1, 128);
  const fa::LandingRings even = fa::landingRings({}, point, soc);
  EXPECT_TRUE(even.shared);
  EXPECT_EQ(even.sharedCopies(), 2);
  const Placement placement = place(fa::buffers({}, point, soc), soc);
  EXPECT_EQ(placement.find(fa::kVecIn)->buffer.bytes, 2 * 64 * 128 * 4);
  EXPECT_EQ(placement.find(fa::kProductIn), nullptr);
  EXPECT_EQ(placement.find(fa::kScores), nullptr);
  point.set(Param::localSlotNum, 1);
  EXPECT_FALSE(fa::landingRings({}, point, soc).shared);
  point.set(Param::localSlotNum, 4);
  point.set(Param::tileS1, 64);
  point.set(Param::cubeS1, 64);
  const fa::LandingRings uneven = fa::landingRings({}, point, soc);
  EXPECT_EQ(uneven.qk.stride, 64 * 64 * 4);
  EXPECT_EQ(uneven.pv.stride, 64 * 128 * 4);
  EXPECT_TRUE(uneven.shared);
  EXPECT_EQ(uneven.sharedCopies(), 1);
}

// Newer headers land the tiles of two slots a slot apart.
TEST(FaBuffers, LocalSlotsApartByTheProfile) {
  SocProfile soc = profile();
  soc.localSlotStridePolicy = "slot";
  Point point;
  point.set(Param::pipeModel, static_cast<std::int64_t>(PipeModel::tile));
  point.set(Param::tileS1, 128);
  const fa::LandingRings rings = fa::landingRings({}, point, soc);
  EXPECT_EQ(rings.qk.stride, 128 * 128 * 4);
  EXPECT_EQ(rings.qk.region(), 128 * 128 * 4 + 64 * 128 * 4);
  EXPECT_EQ(rings.p.region(), 2 * 128 * 128 * 2); // a tile is a slot
}

// Tiles of TILE_S1 = CUBE_S1 = 128 fit UB with two local slots; 256 columns do not.
TEST(FaBuffers, TilesFitUb) {
  const SocProfile soc = profile();
  const auto used = [&](std::int64_t cols) {
    Point point;
    point.set(Param::pipeModel, static_cast<std::int64_t>(PipeModel::tile));
    point.set(Param::tileS1, cols);
    point.set(Param::cubeS1, cols);
    return place(fa::buffers({}, point, soc), soc).used[static_cast<std::size_t>(Memory::ub)];
  };
  EXPECT_LE(used(128), soc.limit(Memory::ub).usable);
  EXPECT_GT(used(256), soc.limit(Memory::ub).usable);
}

// An L0 step's operands fit half of L0A and L0B, divide the depth, and are as deep as can be.
TEST(FaBuffers, L0Steps) {
  const SocProfile soc = profile();
  for (const std::int64_t cubeS0 : {64, 128, 256})
    for (const std::int64_t cubeS1 : {32, 64, 128, 256}) {
      Point point;
      point.set(Param::cubeS0, cubeS0);
      point.set(Param::cubeS1, cubeS1);
      const fa::Shapes s = fa::shapes({}, point, soc);
      EXPECT_EQ(s.head % s.depthQK, 0);
      EXPECT_EQ(cubeS1 % s.depthPV, 0);
      EXPECT_LE(cubeS0 * s.depthQK * 2, 32768);
      EXPECT_LE(s.depthQK * cubeS1 * 2, 32768);
      EXPECT_LE(s.depthPV * s.head * 2, 32768);
      const bool deeper =
          s.depthQK < s.head && cubeS0 * s.depthQK * 4 <= 32768 && s.depthQK * cubeS1 * 4 <= 32768;
      EXPECT_FALSE(deeper) << cubeS0 << " x " << cubeS1;
    }
}

} // namespace
