#include "Points.h"
#include "codegen/Ir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace ptotune {
namespace {

using program::Body;
using program::Instr;
using program::InstrKind;
using program::Loop;
using program::Node;
using program::Phase;
using testing::HasSubstr;

// Instructions of a body that `matches` accepts, loops entered once.
template <typename Matches> int count(const Body& body, Matches&& matches) {
  int found = 0;
  for (const Node& node : body) {
    if (const auto* loop = std::get_if<std::unique_ptr<Loop>>(&node))
      found += count((*loop)->body, matches);
    else
      found += matches(std::get<Instr>(node)) ? 1 : 0;
  }
  return found;
}

int countKind(const Body& body, InstrKind kind, int fifo) {
  return count(body, [&](const Instr& i) { return i.kind == kind && i.fifo == fifo; });
}

int countStores(const Body& body, int fifo) {
  return count(body, [&](const Instr& i) {
    return i.kind == InstrKind::op && i.shape.op == Op::tstore && i.view.fifo == fifo &&
           i.view.tensor == program::Tensor::none;
  });
}

int countText(const std::string& text, std::string_view piece) {
  int found = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1))
    ++found;
  return found;
}

const Loop& innerLoop(const Body& body, std::string_view name) {
  for (const Node& node : body)
    if (const auto* loop = std::get_if<std::unique_ptr<Loop>>(&node)) {
      if ((*loop)->name == name)
        return **loop;
      if ((*loop)->name == "block")
        return innerLoop((*loop)->body, name);
    }
  throw std::runtime_error("no loop " + std::string(name));
}

//===-- The default point
//-------------------------------------------------------------------------===//

TEST(DefaultPoint, HasThreeFifosOfEightSlots) {
  const LoweredKernel kernel = lowerOrFail(Point());
  ASSERT_EQ(kernel.program.fifos.size(), 3U);
  const std::vector<std::string> names = {"qk", "p", "pv"};
  const std::vector<std::int64_t> bytes = {128 * 256 * 4, 128 * 256 * 2, 128 * 128 * 4};
  const std::vector<Core> producers = {Core::cube, Core::vector, Core::cube};
  for (std::size_t i = 0; i < 3; ++i) {
    const program::FifoInfo& fifo = kernel.program.fifos[i];
    EXPECT_EQ(fifo.name, names[i]);
    EXPECT_EQ(fifo.slotBytes, bytes[i]);
    EXPECT_EQ(fifo.producer, producers[i]);
    EXPECT_EQ(fifo.flagBase, static_cast<int>(2 * i));
    EXPECT_EQ(fifo.slots, 8);
    EXPECT_EQ(fifo.localSlots, 2);
    EXPECT_EQ(fifo.syncPeriod, 4); // TPush.hpp:37: SlotNum / 2 above two slots
    EXPECT_EQ(fifo.unitFlag, fifo.producer == Core::cube);
    EXPECT_TRUE(fifo.splitRows);
    EXPECT_FALSE(fifo.popsTiles);
    EXPECT_FALSE(fifo.pushesAccTiles);
  }
  EXPECT_EQ(kernel.program.rowsPerBlock, 128);
  EXPECT_EQ(kernel.program.name, "flash_attention");
}

TEST(DefaultPoint, CommitsASlotAfterAsManyStoresAsATileHasParts) {
  const LoweredKernel kernel = lowerOrFail(Point());
  for (const char* name : {"preload", "steady"}) {
    const Loop& loop = innerLoop(kernel.program.cube, name);
    EXPECT_EQ(countKind(loop.body, InstrKind::talloc, 0), 1) << name;
    EXPECT_EQ(countKind(loop.body, InstrKind::tpush, 0), 1) << name;
    EXPECT_EQ(countStores(loop.body, 0), 2) << name;
    const Loop& slices = innerLoop(kernel.program.vector, name);
    EXPECT_EQ(countKind(slices.body, InstrKind::talloc, 1), 1) << name;
    EXPECT_EQ(countKind(slices.body, InstrKind::tpush, 1), 1) << name;
    EXPECT_EQ(countStores(slices.body, 1), 2) << name;
  }
}

TEST(DefaultPoint, OpensAndClosesItsFifosInEveryBlock) {
  const LoweredKernel kernel = lowerOrFail(Point());
  for (const Body* body : {&kernel.program.cube, &kernel.program.vector}) {
    std::vector<int> opened;
    std::vector<int> closed;
    for (const Node& outer : *body) {
      const auto* block = std::get_if<std::unique_ptr<Loop>>(&outer);
      if (!block)
        continue;
      for (const Node& node : (*block)->body)
        if (const auto* instr = std::get_if<Instr>(&node)) {
          if (instr->kind == InstrKind::open)
            opened.push_back(instr->fifo);
          if (instr->kind == InstrKind::close)
            closed.push_back(instr->fifo);
        }
    }
    EXPECT_THAT(opened, testing::ElementsAre(0, 1, 2));
    EXPECT_THAT(closed, testing::ElementsAre(2, 1, 0));
  }
}

TEST(DefaultPoint, ClosesAccumulationsWithFinalPhases) {
  const LoweredKernel kernel = lowerOrFail(Point());
  const Loop& steady = innerLoop(kernel.program.cube, "steady");
  const auto phases = [&](Op op, Phase phase) {
    return count(steady.body, [&](const Instr& i) {
      return i.kind == InstrKind::op && i.shape.op == op && i.phase == phase;
    });
  };
  // QK: two subtiles of one L0 step each. PV: one accumulation over two subtiles.
  EXPECT_EQ(phases(Op::tmatmul, Phase::final), 2);
  EXPECT_EQ(phases(Op::tmatmul, Phase::partial), 1);
  EXPECT_EQ(phases(Op::tmatmulAcc, Phase::final), 1);
  EXPECT_EQ(phases(Op::tstore, Phase::final), 3);
  EXPECT_EQ(phases(Op::tstore, Phase::none), 0);
}

TEST(DefaultPoint, NamesStagesAndTheirTiles) {
  const LoweredKernel kernel = lowerOrFail(Point());
  const std::string text = program::print(kernel.program);
  EXPECT_THAT(text, HasSubstr("PIPE_S    QK          talloc qk"));
  EXPECT_THAT(text, HasSubstr("PIPE_S    PV          tpop p"));
  EXPECT_THAT(text, HasSubstr("PIPE_S    P           tpop qk"));
  EXPECT_THAT(text, HasSubstr("PIPE_S    GU          tpop pv"));
  const Loop& steady = innerLoop(kernel.program.cube, "steady");
  count(steady.body, [&](const Instr& i) {
    EXPECT_GE(i.tile, 0);
    EXPECT_FALSE(i.stage.empty());
    return false;
  });
}

TEST(DefaultPoint, EmitsCppThatAPersonReads) {
  const std::string cpp = lowerOrFail(Point()).cpp;
  for (const char* line :
       {"using QKPipe = TPipe<0, Direction::DIR_C2V, 131072, 8, 2, false, true>;",
        "using PPipe = TPipe<2, Direction::DIR_V2C, 65536, 8, 2, false, false>;",
        "using PVPipe = TPipe<4, Direction::DIR_C2V, 65536, 8, 2, false, true>;",
        "// preload: QK(t)\n", "// steady: QK(t + pre) and PV(t)\n", "// drain: PV(t)\n",
        "// steady: P(t + ahead) and GU(t)\n", "TASSIGN(k_l1[1], 0x10000);",
        "TALLOC<QKPipe, QKSlot, TileSplitAxis::TILE_UP_DOWN>(qk_pipe, qk_slot);",
        "TMATMUL_ACC<AccPhase::Final>(pv_acc[1], p_left[1], v_right[1]);",
        "TSTORE<STPhase::Final>(qk_cols_2, qk_acc[0]);", "#if defined(__DAV_CUBE__)",
        "#if defined(__DAV_VEC__)", "set_mask_norm();",
        "extern \"C\" __global__ AICORE void flash_attention("})
    EXPECT_THAT(cpp, HasSubstr(line));
  // One commit per slot: qk in preload and steady, p likewise, pv in steady and drain.
  EXPECT_EQ(countText(cpp, "TPUSH<QKPipe"), 2);
  EXPECT_EQ(countText(cpp, "TPUSH<PPipe"), 2);
  EXPECT_EQ(countText(cpp, "TPUSH<PVPipe"), 2);
  EXPECT_EQ(countText(cpp, "TSTORE<STPhase::Final>(qk_cols"), 4);
  EXPECT_EQ(countText(cpp, "%"), countText(cpp, " % ")); // no value without a name
}

TEST(DefaultPoint, CountsItsSynchronisation) {
  const LoweringStats stats = lowerOrFail(Point()).stats;
  // Six barriers a slice, of which there are four; one in GU of the steady loop, two where GU
  // follows itself; one each to reset a block's state and to divide by its sums.
  EXPECT_EQ(stats.vectorBarriers, 6 * 4 + 1 + 2 + 2);
  EXPECT_EQ(stats.setFlags, stats.waitFlags);
  EXPECT_GT(stats.operations, 400);
  // Cube: 1 + 2 + 2 + 2 copies of q_l1, k_l1, p_l1 with v_l1, left with right; vector: 1 + 2 + 2 of
  // o, vec_in, p16; each there and back.
  EXPECT_EQ(stats.eventIds, 2 * (1 + 2 + 2 + 2) + 2 * (1 + 2 + 2));
}

//===-- Hashes
//------------------------------------------------------------------------------------===//

struct Pair {
  const char* name;
  const char* changes;
  bool sameProgram;
  bool sameSource;
};

class Hashes : public testing::TestWithParam<Pair> {};

TEST_P(Hashes, AgainstTheDefaultPoint) {
  const LoweredKernel base = lowerOrFail(Point());
  const LoweredKernel other = lowerOrFail(pointOf(GetParam().changes));
  EXPECT_EQ(base.programHash == other.programHash, GetParam().sameProgram);
  EXPECT_EQ(base.sourceHash == other.sourceHash, GetParam().sameSource);
  EXPECT_FALSE(base.sourceHash.empty());
}

INSTANTIATE_TEST_SUITE_P(Lowering, Hashes,
                         testing::Values(Pair{"Itself", "", true, true},
                                         Pair{"LocalSlotNum", "LocalSlotNum=8", true, false},
                                         Pair{"SlotNum", "SlotNum=4,EXP_RING=8", false, false},
                                         Pair{"SlotNumPV", "SlotNumPV=4", false, false},
                                         Pair{"ExpRing", "EXP_RING=7", false, false},
                                         Pair{"UnitFlag", "EN_UNIT_FLAG=0", false, false},
                                         Pair{"Preload", "QK_PRELOAD=3", false, false},
                                         Pair{"Tile", "TILE_S1=512", false, false},
                                         Pair{"Cube", "CUBE_S1=64", false, false},
                                         Pair{"Rows", "CUBE_S0=64", false, false}),
                         [](const testing::TestParamInfo<Pair>& info) { return info.param.name; });

TEST(Lowering, SourceHashNeedsTheSource) {
  const LoweredKernel kernel = lowerOrFail(Point(), Emit::program);
  EXPECT_TRUE(kernel.sourceHash.empty());
  EXPECT_TRUE(kernel.cpp.empty());
  EXPECT_FALSE(kernel.programHash.empty());
}

//===-- Unit flag off
//-----------------------------------------------------------------------------===//

TEST(UnitFlag, OffPutsEventFlagsBetweenMatmulAndStore) {
  const auto flags = [](const LoweredKernel& kernel, Pipe source, Pipe target) {
    return count(kernel.program.cube, [&](const Instr& i) {
      return i.kind == InstrKind::setFlag && i.source == source && i.target == target;
    });
  };
  const LoweredKernel on = lowerOrFail(Point());
  const LoweredKernel off = lowerOrFail(pointOf("EN_UNIT_FLAG=0"));
  EXPECT_EQ(flags(on, Pipe::m, Pipe::fix), 0);
  EXPECT_EQ(flags(on, Pipe::fix, Pipe::m), 0);
  EXPECT_GT(flags(off, Pipe::m, Pipe::fix), 0);
  EXPECT_GT(flags(off, Pipe::fix, Pipe::m), 0);
  EXPECT_EQ(countText(off.cpp, "Phase::"), 0);
}

//===-- Points that are not legal
//-----------------------------------------------------------------===//

struct Refused {
  const char* name;
  const char* changes;
  const char* says;
};

class Refusals : public testing::TestWithParam<Refused> {};

TEST_P(Refusals, SayWhy) {
  const auto lowered = lower({}, pointOf(GetParam().changes), soc910b2(), Emit::program);
  ASSERT_FALSE(lowered.ok());
  EXPECT_THAT(lowered.error().text(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Lowering, Refusals,
    testing::Values(Refused{"Form", "PIPE_MODEL=tile",
                            "no kernel of this shape [TILE_S1 = 256]; expected CUBE_S1, since"},
                    Refused{"Split", "KV_SPLIT=0", "KV_SPLIT = 0"},
                    Refused{"Division", "TILE_S1=128,CUBE_S1=256", "a multiple of CUBE_S1"},
                    // 64 rows of a vector core in 64 slices: a slice of one row.
                    Refused{"ThinSlice", "TILE_S1=2048,CUBE_S1=32", "lowering failed"},
                    Refused{"UnifiedBuffer", "CUBE_S1=256", "UB overflow"},
                    Refused{"Accumulators", "CUBE_S1=256", "L0C overflow"}),
    [](const testing::TestParamInfo<Refused>& info) { return info.param.name; });

TEST(Refusals, OverflowListsItsBuffers) {
  const auto lowered = lower({}, pointOf("CUBE_S1=256"), soc910b2(), Emit::program);
  ASSERT_FALSE(lowered.ok());
  EXPECT_THAT(lowered.error().text(),
              HasSubstr("vec_in: 2 x 65536 B at 0x8000, max(CUBE_S0/2/kTileFactor x TILE_S1"));
  EXPECT_THAT(lowered.error().text(), HasSubstr("acc: 2 x 131072 B"));
}

TEST(Refusals, ElementTypesAreNamed) {
  KernelSpec kernel;
  kernel.dtype = "bf16";
  const auto lowered = lower(kernel, Point(), soc910b2(), Emit::program);
  ASSERT_FALSE(lowered.ok());
  EXPECT_THAT(lowered.error().text(), HasSubstr("dtype = bf16"));
}

//===-- Text and threads
//--------------------------------------------------------------------------===//

TEST(IrText, SaysWhatIsWrongWithItsLine) {
  const Status status = verifyIr("module {\n  pto.barrier <PIPE_NONE>\n}\n");
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().text(), HasSubstr("line 2: "));
}

TEST(Threads, LowerTheSame) {
  const LoweredKernel expected = lowerOrFail(Point(), Emit::program | Emit::cpp | Emit::ir);
  constexpr int kThreads = 4;
  constexpr int kRounds = 5;
  std::vector<std::vector<LoweredKernel>> results(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&results, t] {
        for (int round = 0; round < kRounds; ++round) {
          // Another point in between, so that contexts do not only see equal modules.
          auto other =
              lower({}, pointOf(t % 2 ? "TILE_S1=512" : "CUBE_S0=64"), soc910b2(), Emit::program);
          auto same = lower({}, Point(), soc910b2(), Emit::program | Emit::cpp | Emit::ir);
          if (other && same)
            results[static_cast<std::size_t>(t)].push_back(std::move(*same));
        }
      });
  }
  for (const auto& ofThread : results) {
    ASSERT_EQ(ofThread.size(), static_cast<std::size_t>(kRounds));
    for (const LoweredKernel& kernel : ofThread) {
      EXPECT_EQ(kernel.programHash, expected.programHash);
      EXPECT_EQ(kernel.cpp, expected.cpp);
      EXPECT_EQ(kernel.ir, expected.ir);
    }
  }
}

} // namespace
} // namespace ptotune
