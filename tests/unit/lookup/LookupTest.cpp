// libptotune as a program uses it, on databases that pto-tune writes.
#include "ptotune/Lookup.h"

#include "tests/support/Paths.h"
#include "tests/unit/db/DbTest.h"

#include <atomic>
#include <thread>

namespace ptotune::test {
namespace {

using lookup::Answer;
using lookup::Shape;
using lookup::Table;
using tiers::Match;

constexpr const char* kSoc = "Ascend910B2";

class Lookup : public testing::Test {
protected:
  void record(std::int64_t s0, std::int64_t s1, const char* point, double seconds,
              const Environment& environment = simEnvironment()) {
    Database database = mustOpen(path_);
    const auto parsed = Point::parse(point, Point());
    ASSERT_TRUE(parsed) << parsed.error().text();
    mustRecord(database, mustBegin(database, environment),
               {correctTrial(problem(s0, s1), *parsed, {seconds})});
  }
  Table open(const lookup::Options& options = {.configs = config("")}) {
    std::string error;
    auto table = Table::open(path_, error, options);
    if (!table) {
      ADD_FAILURE() << error;
      std::abort();
    }
    return *std::move(table);
  }

  TempDir directory_;
  std::string path_ = directory_.path("l.db");
};

TEST_F(Lookup, SaysWhichTierMatched) {
  record(128, 8192, "TILE_S1=512,QK_PRELOAD=3", 20e-6);
  record(128, 1024, "QK_PRELOAD=8,SlotNum=2,VEC_ORDER=gu_first", 5e-6); // hangs with more tiles
  const Table table = open();
  EXPECT_EQ(table.size(), 2U);
  struct Case {
    Shape shape;
    Match match;
    int tuned; // s1 of the entry
    int tile;
  };
  const Case cases[] = {
      {{kSoc, 128, 128, 8192, false}, Match::exact, 8192, 512},
      {{kSoc, 128, 128, 1024, false}, Match::exact, 1024, 256},
      {{kSoc, 128, 128, 4096, false}, Match::nearest, 8192, 512},
      {{kSoc, 128, 4096, 65536, false}, Match::nearest, 8192, 512},
      {{kSoc, 128, 128, 768, false}, Match::nearest, 1024, 256},
      {{kSoc, 128, 128, 8448, false}, Match::fallback_default, 0, 256}, // 33 tiles of 256
      {{kSoc, 128, 64, 8192, false}, Match::fallback_default, 0, 256},
      {{kSoc, 128, 128, 8192, true}, Match::fallback_default, 0, 256},
      {{kSoc, 64, 128, 8192, false}, Match::fallback_default, 0, 256},
      {{"Ascend910B3", 128, 128, 8192, false}, Match::fallback_default, 0, 256},
      {{"", 128, 0, -1, false}, Match::fallback_default, 0, 256},
  };
  for (const Case& one : cases) {
    const Answer answer = table.find(one.shape);
    SCOPED_TRACE(testing::Message() << one.shape.s0 << " x " << one.shape.s1);
    EXPECT_EQ(answer.match, one.match);
    EXPECT_EQ(answer->s1, one.tuned);
    EXPECT_EQ(answer->tileS1, one.tile);
  }
}

TEST_F(Lookup, CarriesThePointAndItsEvidence) {
  Environment device = deviceEnvironment();
  device.isaHash = "f35e7f60";
  const char* text = "TILE_S1=64,CUBE_S1=32,CUBE_S0=128,QK_PRELOAD=3,SlotNumQK=5,SlotNumP=6,"
                     "SlotNumPV=7,LocalSlotNum=4,EN_UNIT_FLAG=0,PIPE_MODEL=tile_offset,EXP_RING=9,"
                     "VEC_ORDER=gu_first,KV_SPLIT=2";
  record(128, 1024, text, 7e-6, device);
  const Answer answer = open().find({kSoc, 128, 128, 1024, false}); // outlives its table
  ASSERT_EQ(answer.match, Match::exact);
  const lookup::Configuration& c = *answer.configuration;
  EXPECT_EQ(std::vector({c.tileS1, c.cubeS1, c.cubeS0, c.qkPreload, c.slotNumQK, c.slotNumP,
                         c.slotNumPV, c.localSlotNum, c.expRing, c.kvSplit}),
            std::vector({64, 32, 128, 3, 5, 6, 7, 4, 9, 2}));
  EXPECT_FALSE(c.unitFlag);
  EXPECT_EQ(c.pipeModel, lookup::PipeModel::tileOffset);
  EXPECT_EQ(c.vecOrder, lookup::VecOrder::guFirst);
  EXPECT_EQ(c.seconds, 7e-6);
  EXPECT_EQ(c.samples, 1);
  EXPECT_TRUE(c.calibrated);
  EXPECT_EQ(c.runner, "ascend");
  EXPECT_EQ(c.isaHash, "f35e7f60");
  EXPECT_EQ(c.environment, device.hash().hex());
  EXPECT_EQ(c.programHash.size(), 32U);
  EXPECT_EQ(c.dtype, "f16");
}

TEST_F(Lookup, RefreshTakesWhatIsNew) {
  record(128, 1024, "TILE_S1=512", 9e-6);
  Table table = open();
  const Shape shape{kSoc, 128, 128, 1024, false};
  const Answer before = table.find(shape);
  for (int i = 0; i < 5; ++i) { // each within the granularity of a file's time
    record(128, 1024, i % 2 == 0 ? "TILE_S1=256" : "TILE_S1=128", (8 - i) * 1e-6);
    EXPECT_EQ(table.find(shape)->tileS1, i == 0 ? 512 : i % 2 == 0 ? 128 : 256);
    std::string error;
    EXPECT_TRUE(table.refresh(error)) << error;
    EXPECT_EQ(table.find(shape)->tileS1, i % 2 == 0 ? 256 : 128);
  }
  EXPECT_EQ(before->tileS1, 512);
  std::filesystem::remove(path_);
  std::string error;
  EXPECT_FALSE(table.refresh(error));
  EXPECT_NE(error.find(path_), std::string::npos);
  EXPECT_EQ(table.find(shape).match, Match::exact);
}

TEST_F(Lookup, ManyThreadsFindWhileOneRefreshes) {
  record(128, 1024, "TILE_S1=512", 9e-6);
  Table table = open();
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      while (!stop) {
        const Answer answer = table.find({kSoc, 128, 128, 1024, false});
        wrong += answer.match == Match::exact && answer->s1 == 1024 ? 0 : 1;
      }
    });
  for (int i = 0; i < 20; ++i) {
    record(128, 2048, "TILE_S1=256", (40 - i) * 1e-6);
    std::string error;
    EXPECT_TRUE(table.refresh(error)) << error;
  }
  stop = true;
  for (std::thread& reader : readers)
    reader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(table.size(), 2U);
}

TEST_F(Lookup, OnlyReadsTheFile) {
  record(128, 1024, "TILE_S1=512", 9e-6);
  const auto before = snapshotAround(path_);
  open().find({kSoc, 128, 128, 1024, false});
  EXPECT_EQ(snapshotAround(path_), before);
}

TEST_F(Lookup, WhatIsNoDatabaseIsSaid) {
  directory_.write("text.db", "no database at all, but a file of more than a hundred bytes, so "
                              "that its header is looked at and found to be wrong");
  for (const char* name : {"missing.db", "text.db"}) {
    std::string error;
    EXPECT_FALSE(Table::open(directory_.path(name), error));
    EXPECT_NE(error.find(name), std::string::npos) << error;
  }
}

TEST_F(Lookup, WithoutAProfileOnlyExactly) {
  record(128, 1024, "", 9e-6);
  std::filesystem::create_directories(directory_.path("configs/soc"));
  const Table table = open({.configs = directory_.path("configs")});
  EXPECT_EQ(table.find({kSoc, 128, 128, 1024, false}).match, Match::exact);
  EXPECT_EQ(table.find({kSoc, 128, 128, 2048, false}).match, Match::fallback_default);
}

} // namespace
} // namespace ptotune::test
