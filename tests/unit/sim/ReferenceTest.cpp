// The engine evaluates instruction by instruction; ReferenceMachine steps cycle by cycle. On random
// programs, live or not, both must tell the same outcome and the same time.
#include "tests/unit/sim/ReferenceMachine.h"
#include "tests/unit/sim/SimTest.h"

#include <map>
#include <random>

namespace ptotune::sim {
namespace {

// A random program of two FIFOs, qk (AIC to AIVs) and p (back), with random work, flags and phases
// between the protocol's steps.
class Generator {
public:
  explicit Generator(unsigned seed) : random_(seed) {
    soc = roundSoc();
    soc.scalarIssueCycles = pick(0, 2);
    soc.eventFlagCycles = pick(0, 3);
    soc.crossCoreFlagCycles = pick(0, 6);
    soc.transferLatencyCycles = pick(0, 4);
    soc.gmSharing.load = pick(0, 2);
    soc.gmSharing.store = pick(0, 2);
    soc.gmSharing.neighbours = pick(0, 3);
    soc.fftsCounterMax = pick(0, 4) == 0 ? pick(1, 2) : 15;
    soc.eventIdsPerPipePair = 2;
    s0 = pick(1, 6);
    s1 = pick(0, 7);
    build();
  }

  SocProfile soc;
  std::int64_t s0 = 1;
  std::int64_t s1 = 0;
  ProgramBuilder builder;

private:
  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

  Pipe pipeOf(Core core) {
    static constexpr Pipe cube[] = {Pipe::mte1, Pipe::mte2, Pipe::m, Pipe::fix};
    static constexpr Pipe vector[] = {Pipe::mte2, Pipe::v, Pipe::mte3};
    return core == Core::cube ? cube[pick(0, 3)] : vector[pick(0, 2)];
  }

  // A few instructions; flags in pairs, mostly the set before the wait.
  void chaff(BodyBuilder& body, Core core) {
    std::vector<std::function<void()>> steps;
    const int work = pick(0, 3);
    for (int i = 0; i < work; ++i)
      steps.push_back([&body, pipe = pipeOf(core), n = pick(1, 12)] { body.work(pipe, n); });
    if (pick(0, 5) == 0)
      steps.push_back([&body, pipe = pipeOf(core)] { body.barrier(pipe); });
    if (pick(0, 9) == 0) // work of one AIV only
      steps.push_back([this, &body, pipe = pipeOf(core), n = pick(1, 30), first = pick(0, 1)] {
        const auto bound = builder.constant(first);
        body.loop("own", 2, first == 1 ? subblock_ : builder.constant(0),
                  first == 1 ? bound : subblock_, builder.constant(1),
                  [&](BodyBuilder& inner) { inner.work(pipe, n); });
      });
    const int flags = pick(0, 2);
    for (int i = 0; i < flags; ++i) {
      Pipe source = pipeOf(core);
      Pipe target = pick(0, 6) == 0 ? Pipe::s : pipeOf(core);
      if (pick(0, 9) == 0)
        source = Pipe::s;
      const auto event = pick(0, 1) == 0 ? tileMod2_ : builder.constant(pick(0, 1));
      const auto set = [&body, source, target, event] { body.set(source, target, event); };
      const auto wait = [&body, source, target, event] { body.wait(source, target, event); };
      const auto at = steps.begin() + pick(0, static_cast<int>(steps.size()));
      const bool setFirst = pick(0, 19) != 0;
      const auto index = at - steps.begin();
      steps.insert(at, setFirst ? std::function<void()>(set) : wait);
      const auto behind = pick(static_cast<int>(index) + 1, static_cast<int>(steps.size()));
      steps.insert(steps.begin() + behind, setFirst ? std::function<void()>(wait) : set);
    }
    for (const auto& step : steps)
      step();
  }

  void produce(BodyBuilder& body, Core core, std::int32_t fifo) {
    chaff(body, core);
    body.talloc(fifo);
    chaff(body, core);
    if (core == Core::cube && phases_) {
      const auto copy = pick(0, 1) == 0 ? tileMod2_ : -1;
      if (pick(0, 1) == 0)
        body.matmul(pick(1, 8), Phase::partial, acc_, copy);
      body.matmul(pick(1, 8), Phase::final, acc_, copy);
      if (pick(0, 2) == 0)
        body.store(pick(1, 8), Phase::partial, acc_, copy);
      body.store(pick(1, 8), Phase::final, acc_, copy);
    }
    body.tpush(fifo, core == Core::cube ? Pipe::fix : Pipe::mte3);
  }
  void consume(BodyBuilder& body, Core core, std::int32_t fifo) {
    body.tpop(fifo);
    chaff(body, core);
    body.tfree(fifo);
  }

  void build() {
    phases_ = pick(0, 1) == 0;
    acc_ = builder.accumulator("acc", 2);
    const int slotsQk = pick(1, 5);
    const int slotsP = pick(1, 5);
    const auto qk = builder.fifo("qk", Core::cube, slotsQk, pick(1, slotsQk));
    const auto p = builder.fifo("p", Core::vector, slotsP, pick(1, slotsP));
    const auto zero = builder.constant(0);
    const auto one = builder.constant(1);
    const auto tiles = builder.argument(ExprKind::s1);
    const auto preload = builder.binary(ExprKind::min, builder.constant(pick(0, 5)), tiles);
    const auto steady = builder.binary(ExprKind::sub, tiles, preload);
    const auto blocks = builder.argument(ExprKind::s0);
    const auto blockIdx = builder.argument(ExprKind::blockIdx);
    const auto blockNum = builder.argument(ExprKind::blockNum);
    builder.variable(0);
    const auto tile = builder.variable(1);
    builder.variable(2);
    subblock_ = builder.argument(ExprKind::subblockIdx);
    tileMod2_ = builder.binary(ExprKind::rem, tile, builder.constant(2));

    BodyBuilder& cube = builder.cube;
    cube.open(qk);
    cube.open(p);
    cube.loop("block", 0, blockIdx, blocks, blockNum, [&](BodyBuilder& block) {
      block.loop("preload", 1, zero, preload, one,
                 [&](BodyBuilder& body) { produce(body, Core::cube, qk); });
      block.loop("steady", 1, zero, steady, one, [&](BodyBuilder& body) {
        produce(body, Core::cube, qk);
        consume(body, Core::cube, p);
      });
      block.loop("drain", 1, steady, tiles, one,
                 [&](BodyBuilder& body) { consume(body, Core::cube, p); });
    });
    cube.close(p);
    cube.close(qk);
    BodyBuilder& vector = builder.vector;
    vector.open(qk);
    vector.open(p);
    vector.loop("block", 0, blockIdx, blocks, blockNum, [&](BodyBuilder& block) {
      block.loop("tiles", 1, zero, tiles, one, [&](BodyBuilder& body) {
        consume(body, Core::vector, qk);
        produce(body, Core::vector, p);
      });
    });
    vector.close(p);
    vector.close(qk);
  }

  std::mt19937 random_;
  bool phases_ = false;
  std::int32_t acc_ = 0;
  program::ExprId tileMod2_ = -1;
  program::ExprId subblock_ = -1;
};

TEST(Reference, AgreesOnRandomPrograms) {
  std::map<std::string, int> outcomes;
  for (unsigned seed = 1; seed <= 4000; ++seed) {
    SCOPED_TRACE(seed);
    const Generator random(seed);
    const Problem problem = problemOf(random.s0, random.s1);
    const SimResult result = simulate(random.builder.program, random.soc, problem);
    const test::ReferenceResult expected =
        test::ReferenceMachine(random.builder.program, random.soc, problem).run();
    ASSERT_EQ(nameOf(result), expected.outcome) << result.detailText();
    ++outcomes[expected.outcome];
    if (expected.outcome == "finished") {
      ASSERT_EQ(result.cycles, static_cast<double>(expected.cycles));
    }
  }
  // The sample has to say something about each outcome.
  EXPECT_GT(outcomes["finished"], 1000);
  EXPECT_GT(outcomes["hang"], 200);
  EXPECT_GT(outcomes["protocol error"], 200);
}

} // namespace
} // namespace ptotune::sim
