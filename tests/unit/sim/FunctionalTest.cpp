// Functional fidelity on the mini kernel: numbers, and how races show in them.
#include "runners/sim/Functional.h"

#include "MiniKernel.h"
#include "Mutate.h"
#include "SimTest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace ptotune::sim {
namespace {

using program::InstrKind;
using program::Program;
using test::find;
using test::isFifo;
using test::isFlag;
using test::isKind;
using test::isOp;
using test::MiniKernel;
using test::miniProblem;
using test::miniSoc;

FunctionalResult run(const Program& program, std::int64_t tiles, const Delays& delays = {},
                     SocProfile soc = miniSoc(), std::int64_t blocks = 2) {
  FunctionalOptions options;
  options.seed = 3;
  options.delays = delays;
  return runFunctional(program, soc, miniProblem(tiles, blocks), options);
}

// out = sum over tiles of Q K_t^T, in the machine's order of additions.
std::vector<float> oracle(std::int64_t tiles, std::int64_t blocks = 2) {
  const Problem problem = miniProblem(tiles, blocks);
  const AttentionInputs inputs = attentionInputs(problem, 3);
  const auto side = static_cast<std::size_t>(test::kMiniSide);
  std::vector<float> out;
  for (std::size_t row = 0; row < static_cast<std::size_t>(problem.s0); ++row)
    for (std::size_t col = 0; col < side; ++col) {
      float sum = 0;
      for (std::size_t t = 0; t < static_cast<std::size_t>(tiles); ++t) {
        float score = 0;
        for (std::size_t k = 0; k < side; ++k)
          score +=
              toFloat(inputs.q[row * side + k]) * toFloat(inputs.k[(t * side + col) * side + k]);
        sum += score;
      }
      out.push_back(sum);
    }
  return out;
}

bool sameBits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

TEST(Functional, ComputesWhatTheProgramSays) {
  for (const bool unitFlag : {false, true})
    for (const int slots : {1, 2, 4})
      for (const std::int64_t tiles : {0, 1, 2, 9, 12}) {
        MiniKernel kernel({slots, slots <= 2 ? slots : slots / 2, unitFlag});
        const std::int64_t blocks = tiles % 4 == 0 ? 2 : 1;
        const FunctionalResult result = run(kernel.program(), tiles, {}, miniSoc(), blocks);
        ASSERT_EQ(nameOf(result.run), "finished") << result.text();
        EXPECT_TRUE(result.hazards.clean());
        EXPECT_TRUE(sameBits(result.out, oracle(tiles, blocks)));
      }
}

TEST(Functional, RunsEveryBlockOnItsCore) {
  for (const int cores : {1, 2, 3, 8}) {
    SocProfile soc = miniSoc();
    soc.cubeCores = cores;
    MiniKernel kernel;
    EXPECT_TRUE(sameBits(run(kernel.program(), 6, {}, soc, 5).out, oracle(6, 5)));
  }
}

TEST(Functional, TakesTheTimeOfTimingFidelity) {
  MiniKernel kernel({4, 2, false});
  EXPECT_EQ(run(kernel.program(), 9).run.ticks,
            simulate(kernel.program(), miniSoc(), miniProblem(9)).ticks);
}

// A program without hazards computes the same under every delay assignment.
TEST(Functional, DelaysDoNotChangeNumbers) {
  for (const bool unitFlag : {false, true}) {
    MiniKernel kernel({4, 2, unitFlag});
    const FunctionalResult prompt = run(kernel.program(), 8);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Delays delays;
      delays.seed = seed;
      delays.randomCycles = 5000;
      const FunctionalResult late = run(kernel.program(), 8, delays);
      ASSERT_EQ(nameOf(late.run), "finished");
      EXPECT_GT(late.run.ticks, prompt.run.ticks);
      EXPECT_TRUE(sameBits(late.out, prompt.out)) << "seed " << seed;
    }
  }
}

TEST(Functional, WhatNobodyWritesIsNaN) {
  MiniKernel kernel;
  test::removeAll(kernel.program().vector, isOp(Op::tstore, "epilogue"));
  for (const float value : run(kernel.program(), 3).out)
    ASSERT_TRUE(std::isnan(value));
}

// --- Races show in the numbers -----------------------------------------------------------------

struct Race {
  const char* name;
  void (*fault)(Program&);
  bool numbers = true; // false: pipes also run so far apart that a flag is set twice
};

class Exposed : public testing::TestWithParam<Race> {};

// Some hazard that the checker reports comes with delays under which the run shows it.
TEST_P(Exposed, ByTheDelaysOfAHazard) {
  MiniKernel kernel;
  GetParam().fault(kernel.program());
  const HazardReport report = findHazards(kernel.program(), miniSoc(), miniProblem(8));
  ASSERT_FALSE(report.hazards.empty());
  int wrong = 0;
  int errors = 0;
  for (const Hazard& hazard : report.hazards) {
    const FunctionalResult result = run(kernel.program(), 8, exposing(report, hazard));
    ASSERT_THAT(nameOf(result.run), testing::AnyOf("finished", "protocol error"));
    (nameOf(result.run) == "finished" ? wrong : errors) += sameBits(result.out, oracle(8)) ? 0 : 1;
  }
  EXPECT_GT(GetParam().numbers ? wrong : errors, 0) << report.text();
}

void withoutFlags(program::Body& body, Pipe source, Pipe target) {
  test::removeAll(body, isFlag(source, target));
}

INSTANTIATE_TEST_SUITE_P(
    Functional, Exposed,
    testing::Values(
        Race{"LoadToExtract", [](Program& p) { withoutFlags(p.cube, Pipe::mte2, Pipe::mte1); }},
        Race{"ExtractToLoad", [](Program& p) { withoutFlags(p.cube, Pipe::mte1, Pipe::mte2); }},
        Race{"ExtractToProduct", [](Program& p) { withoutFlags(p.cube, Pipe::mte1, Pipe::m); },
             false},
        Race{"ProductToExtract", [](Program& p) { withoutFlags(p.cube, Pipe::m, Pipe::mte1); }},
        Race{"ProductToStore", [](Program& p) { withoutFlags(p.cube, Pipe::m, Pipe::fix); }, false},
        Race{"StoreToProduct", [](Program& p) { withoutFlags(p.cube, Pipe::fix, Pipe::m); }},
        Race{"LoadToVector", [](Program& p) { withoutFlags(p.vector, Pipe::mte2, Pipe::v); }},
        Race{"VectorToLoad", [](Program& p) { withoutFlags(p.vector, Pipe::v, Pipe::mte2); }},
        Race{"VectorToStore", [](Program& p) { withoutFlags(p.vector, Pipe::v, Pipe::mte3); }},
        Race{"FreeBeforeTheLoad",
             [](Program& p) {
               test::moveBefore(find(p.vector, isFifo(InstrKind::tfree)),
                                find(p.vector, isOp(Op::tload, "A")));
             }},
        Race{"CommitBeforeTheStore",
             [](Program& p) {
               test::moveBefore(find(p.cube, isFifo(InstrKind::tpush)),
                                find(p.cube, isOp(Op::tstore, "S")));
             }},
        Race{"OneSlotTooFew", [](Program& p) { p.fifos[0].slots = 1; }},
        Race{"WrongCopy",
             [](Program& p) { find(p.vector, isOp(Op::tadd, "A")).instr().src[1].copy = -1; }}),
    [](const auto& info) { return info.param.name; });

// The result of a vector operation is there at the next barrier or signal, not before.
TEST(Functional, VectorResultsComeWithTheBarrier) {
  const auto twice = [](bool barrier) {
    MiniKernel kernel;
    Program& program = kernel.program();
    const test::Spot add = find(program.vector, isOp(Op::tadd, "A"));
    test::repeat(add);
    if (barrier)
      add.body->insert(add.body->begin() + static_cast<std::ptrdiff_t>(add.index) + 1,
                       program::Node(find(program.vector, isKind(InstrKind::barrier)).instr()));
    return run(program, 8);
  };
  const FunctionalResult with = twice(true);
  EXPECT_TRUE(with.hazards.clean()) << with.hazards.text();
  EXPECT_FALSE(sameBits(with.out, oracle(8)));
  const FunctionalResult without = twice(false);
  EXPECT_FALSE(without.hazards.clean());
  EXPECT_TRUE(sameBits(without.out, oracle(8))) << "both additions see the old sum";
}

// --- What has no numbers -----------------------------------------------------------------------

struct Invalid {
  const char* text;
  void (*fault)(Program&);
};

TEST(Functional, SaysWhatHasNoNumbers) {
  const Invalid cases[] = {
      {"program 'mini', vec body, instruction 11: TADD has no second source",
       [](Program& p) { find(p.vector, isOp(Op::tadd, "A")).instr().src[1] = {}; }},
      {"AIV0 instruction 6, TLOAD: copy 1 of x, which has 1",
       [](Program& p) { p.buffers[5].copies = 1; }},
  };
  for (const Invalid& c : cases) {
    MiniKernel kernel;
    c.fault(kernel.program());
    const FunctionalResult result = run(kernel.program(), 3);
    EXPECT_EQ(nameOf(result.run), "invalid");
    EXPECT_EQ(result.run.detailText(), c.text);
    EXPECT_FALSE(result.right());
  }
}

TEST(Functional, HangsAndErrorsAreToldAsInTimingFidelity) {
  MiniKernel kernel;
  test::remove(find(kernel.program().cube, isFifo(InstrKind::tpush)));
  const FunctionalResult result = run(kernel.program(), 3);
  EXPECT_EQ(nameOf(result.run), "hang");
  EXPECT_THAT(result.text(),
              testing::HasSubstr("seed 3, hang: AIC PIPE_S S tile 2: TALLOC(s) waits for"));
  EXPECT_FALSE(result.right());
}

} // namespace
} // namespace ptotune::sim
