// What is proven about spaces, and the gap that a champion has by it.
#include "DbTest.h"
#include "db/Identity.h"
#include "space/Space.h"
#include "tests/support/Paths.h"

namespace ptotune::test {
namespace {

class Proofs : public testing::Test {
protected:
  void prove(const SpaceProof& proof, const Environment& environment = simEnvironment(),
             const Problem& of = problem(128, 1024)) {
    const Status done = database_.recordProof(mustBegin(database_, environment), of, proof);
    ASSERT_TRUE(done) << done.error().text();
  }
  std::vector<SpaceProof> proofs() {
    auto found = database_.proofs(simEnvironment().hash(), problem(128, 1024));
    EXPECT_TRUE(found) << found.error().text();
    return *std::move(found);
  }
  Champion champion() {
    const auto found = database_.champions({.environment = simEnvironment().hash()});
    EXPECT_TRUE(found && found->size() == 1);
    return found->front();
  }

  TempDir directory_;
  Database database_ = mustOpen(directory_.path("p.db"));
};

TEST_F(Proofs, WithoutOneAChampionHasNoGap) {
  mustRecord(database_, mustBegin(database_), {correctTrial(problem(128, 1024), Point(), {4e-6})});
  EXPECT_FALSE(champion().proof);
  EXPECT_FALSE(champion().gap());
  // Neither another environment nor another problem says anything about it.
  prove(proofOf("fa", 10, 1e-6), deviceEnvironment());
  prove(proofOf("fa", 10, 1e-6), simEnvironment(), problem(128, 2048));
  EXPECT_FALSE(champion().gap());
  EXPECT_TRUE(proofs().empty());
}

TEST_F(Proofs, OfOneSpaceTheLargestBoundCountsWhoeverProvedIt) {
  mustRecord(database_, mustBegin(database_), {correctTrial(problem(128, 1024), Point(), {4e-6})});
  for (const double bound : {1e-6, 3e-6, 2e-6})
    prove(proofOf("fa", 10, bound));
  EXPECT_EQ(proofs(), std::vector{proofOf("fa", 10, 3e-6)});
  EXPECT_DOUBLE_EQ(champion().gap().value(), 0.25);
  // By one session as well, in any order.
  const SessionId session = mustBegin(database_);
  for (const double bound : {3.5e-6, 3.2e-6})
    ASSERT_TRUE(database_.recordProof(session, problem(128, 1024), proofOf("fa", 10, bound)));
  EXPECT_DOUBLE_EQ(champion().gap().value(), 0.125);
}

TEST_F(Proofs, TheWidestSpaceSpeaksForTheChampion) {
  mustRecord(database_, mustBegin(database_), {correctTrial(problem(128, 1024), Point(), {4e-6})});
  prove(proofOf("narrow", 10, 4e-6));
  EXPECT_EQ(champion().gap(), 0.0);
  prove(proofOf("wide", 1000, 1e-6));
  EXPECT_EQ(champion().proof, proofOf("wide", 1000, 1e-6));
  EXPECT_EQ(champion().gap(), 0.75);
  EXPECT_EQ(proofs(), (std::vector{proofOf("wide", 1000, 1e-6), proofOf("narrow", 10, 4e-6)}));
  prove(proofOf("wide too", 1000, 0.5e-6)); // of equally wide ones the one that promises less
  EXPECT_EQ(champion().proof->spaceName, "wide too");
}

TEST_F(Proofs, AChampionFromOutsideTheSpaceIsNoFasterThanItself) {
  mustRecord(database_, mustBegin(database_), {correctTrial(problem(128, 1024), Point(), {4e-6})});
  prove(proofOf("fa", 10, 5e-6));
  EXPECT_EQ(champion().gap(), 0.0);
}

TEST_F(Proofs, WhatIsNoBoundIsRefused) {
  for (const SpaceProof& bad :
       {proofOf("fa", 10, 0), proofOf("fa", 10, -1), proofOf("fa", -1, 1e-6),
        proofOf("fa", 10, std::numeric_limits<double>::infinity()), SpaceProof{.bound = 1e-6}}) {
    const Status refused = database_.recordProof(mustBegin(database_), problem(128, 1024), bad);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().text().find("a proof is refused"), std::string::npos);
  }
  EXPECT_TRUE(proofs().empty());
}

// A space is its points: neither its name nor the order of its values is part of it.
TEST(SpaceIdentity, FollowsFromThePointsAlone) {
  const auto loaded = loadSpace(config("spaces/fa.toml"));
  ASSERT_TRUE(loaded) << loaded.error().text();
  const Hash id = contentId(*loaded);
  Space same = *loaded;
  same.name = "other";
  same.path = "elsewhere";
  for (Domain& domain : same.domains)
    std::ranges::reverse(domain.values);
  EXPECT_EQ(contentId(same), id);

  Space narrower = *loaded;
  std::ranges::find_if(narrower.domains, &Domain::free)->values.pop_back();
  EXPECT_NE(contentId(narrower), id);
  Space constrained = *loaded;
  constrained.constraints.push_back({.text = "TILE_S1 <= 256"});
  EXPECT_NE(contentId(constrained), id);
  Space untied = *loaded;
  for (Domain& domain : untied.domains)
    domain.derived = false;
  EXPECT_NE(contentId(untied), id);
}

TEST(SpaceIdentity, HasTheCanonicalTextOfTheFormat) {
  Space space;
  space.domains[static_cast<std::size_t>(Param::tileS1)].values = {256, 128};
  Domain& ring = space.domains[static_cast<std::size_t>(Param::expRing)];
  ring.derived = true;
  ring.follows = Param::slotNumQK;
  space.constraints = {{.text = "b"}, {.text = "a"}};
  EXPECT_EQ(canonicalJson(space),
            R"({"constraints":["a","b"],"domains":{"CUBE_S0":[],"CUBE_S1":[],"EN_UNIT_FLAG":[],)"
            R"("EXP_RING":"SlotNumQK","KV_SPLIT":[],"LocalSlotNum":[],"PIPE_MODEL":[],)"
            R"("QK_PRELOAD":[],"SlotNumP":[],"SlotNumPV":[],"SlotNumQK":[],"TILE_S1":[128,256],)"
            R"("VEC_ORDER":[]},"family":"fa"})");
}

} // namespace
} // namespace ptotune::test
