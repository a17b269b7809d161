// The gain of single changes, held against every illegal point changed one by one.
#include "tuner/SingleChanges.h"

#include "Fakes.h"
#include "tests/support/SpacePoints.h"
#include "tuner/Classes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace ptotune::test {
namespace {

using Gains = std::map<std::pair<Param, std::int64_t>, std::uint64_t>;

constexpr SingleChangeOptions kAll{.mostWalked = 1'000'000};

bool any(const Point&) {
  return true;
}

Gains asMap(const std::vector<SingleChange>& changes) {
  Gains gains;
  for (const SingleChange& one : changes)
    gains[{one.param, one.value}] = one.gain;
  return gains;
}

Space unconstrained(Space space) {
  space.constraints.clear();
  return space;
}

// By definition: each point of the raw space that is not legal, with each single change.
Gains oneByOne(const Job& job, const Problem& problem) {
  const auto raw = PointSet::build(problem, job.soc, unconstrained(job.space),
                                   {.rules = RuleSet::none, .without = {}});
  const auto set = PointSet::build(problem, job.soc, job.space, {});
  EXPECT_TRUE(raw && set);
  Gains gains;
  raw->forEach([&](const Point& point) {
    if (set->contains(point))
      return;
    for (const ParamInfo& param : allParams()) {
      const Domain& domain = job.space.domain(param.id);
      if (domain.derived)
        continue;
      for (const std::int64_t value : domain.values) {
        Point changed = point;
        assign(param.id, value, job.space, changed);
        if (set->contains(changed))
          ++gains[{param.id, value}];
      }
    }
  });
  return gains;
}

// Rings that overwrite, tiles that no cube block fits, and depths that hang.
Job jobWithRejections() {
  Job job = smallJob({2048});
  setDomain(job.space, Param::tileS1, {256, 128, 64});
  setDomain(job.space, Param::cubeS1, {128, 64});
  setDomain(job.space, Param::slotNumQK, {2, 4, 8});
  setDomain(
      job.space, Param::pipeModel,
      {static_cast<std::int64_t>(PipeModel::slot), static_cast<std::int64_t>(PipeModel::tile)});
  return job;
}

TEST(SingleChanges, AreThoseOfEveryIllegalPoint) {
  Job job = jobWithRejections();
  for (const bool constrained : {false, true}) {
    if (constrained)
      job.space.constraints = {{"SlotNum + QK_PRELOAD < 11", 1}};
    const Problem& problem = job.problems.front();
    const auto set = PointSet::build(problem, job.soc, job.space, {});
    ASSERT_TRUE(set) << set.error().text();
    ASSERT_GT(set->count(), 0U);
    const SingleChanges found = singleChanges(*set, job.space, any, kAll);
    EXPECT_TRUE(found.exact);
    EXPECT_EQ(asMap(found.changes), oneByOne(job, problem));
    EXPECT_TRUE(std::ranges::is_sorted(found.changes, std::ranges::greater(), &SingleChange::gain));
    // The same where a part of the rules stands outside the set.
    const auto more = PointSet::build(problem, job.soc, job.space,
                                      {.rules = RuleSet::withoutProtocol, .without = {}});
    ASSERT_TRUE(more) << more.error().text();
    ASSERT_GT(more->count(), set->count());
    const auto legalThere = [&](const Point& point) { return legal({problem, job.soc, point}); };
    EXPECT_EQ(asMap(singleChanges(*more, job.space, legalThere, kAll).changes),
              asMap(found.changes));
  }
}

TEST(SingleChanges, AreNoneWhereNothingOrEverythingIsLegal) {
  Job job = smallJob({2048});
  for (const char* constraint : {"QK_PRELOAD > 100", "QK_PRELOAD > 0"}) {
    job.space.constraints = {{constraint, 1}};
    const auto set = PointSet::build(job.problems.front(), job.soc, job.space,
                                     {.rules = RuleSet::none, .without = {}});
    ASSERT_TRUE(set) << set.error().text();
    EXPECT_TRUE(singleChanges(*set, job.space, any, kAll).changes.empty()) << constraint;
  }
}

// Draws tell the gains to a few per cent of the largest, and the same ones for the same seed.
TEST(SingleChanges, AreEstimatedFromDraws) {
  auto space = loadSpace(config("spaces/fa.toml"));
  ASSERT_TRUE(space) << space.error().text();
  const auto set = PointSet::build(problemOf(1024, 2048), soc910b2(), *space, {});
  ASSERT_TRUE(set) << set.error().text();
  const auto exact = singleChanges(*set, *space, any, kAll).changes;
  const SingleChangeOptions drawing{.mostWalked = set->count() - 1, .draws = 4000};
  const SingleChanges drawn = singleChanges(*set, *space, any, drawing);
  EXPECT_FALSE(drawn.exact);
  const auto again = singleChanges(*set, *space, any, drawing);
  EXPECT_EQ(asMap(drawn.changes), asMap(again.changes));
  Gains estimates = asMap(drawn.changes);
  ASSERT_FALSE(exact.empty());
  const auto largest = static_cast<double>(exact.front().gain);
  for (const SingleChange& one : exact)
    EXPECT_NEAR(static_cast<double>(estimates[{one.param, one.value}]),
                static_cast<double>(one.gain), 0.1 * largest)
        << displayName(one.param, *space) << " = " << valueText(one.param, one.value);
}

} // namespace
} // namespace ptotune::test
