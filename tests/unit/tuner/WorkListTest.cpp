#include "tuner/WorkList.h"

#include "Fakes.h"
#include "tuner/Programs.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace ptotune::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(WorkList, HoldsEveryLegalPairOnceWithTheSeedInFront) {
  const Job job = smallJob({1024, 1024 + 128, 2048});
  WorkList list = makeWorkList(job);
  ASSERT_EQ(list.groups.size(), 1u);
  const std::vector<WorkItem>& items = list.groups.front().items;
  EXPECT_EQ(items.front().point, job.seed);
  EXPECT_TRUE(std::ranges::is_sorted(
      items, [&](const Point& a, const Point& b) { return searchedBefore(a, b, job.seed); },
      &WorkItem::point));

  std::set<std::pair<Point, std::uint32_t>> pairs;
  for (const WorkItem& item : items)
    for (const WorkSlot& slot : item.slots)
      EXPECT_TRUE(pairs.emplace(item.point, slot.problem).second);
  std::set<std::pair<Point, std::uint32_t>> expected;
  for (std::uint32_t problem = 0; problem < job.problems.size(); ++problem)
    enumerate(job.problems[problem], job.soc, job.space,
              [&](const Point& point) { expected.emplace(point, problem); });
  EXPECT_EQ(pairs, expected);
  EXPECT_EQ(list.slotCount(), expected.size());
  EXPECT_EQ(list.answeredCount(), 0u);
}

TEST(WorkList, SearchOrderGoesFromTheSeedOutwards) {
  const Point seed;
  const auto before = [&](const char* a, const char* b) {
    return searchedBefore(*Point::parse(a, seed), *Point::parse(b, seed), seed);
  };
  EXPECT_TRUE(searchedBefore(seed, *Point::parse("TILE_S1=128", seed), seed));
  EXPECT_FALSE(before("TILE_S1=128", "TILE_S1=128"));
  EXPECT_TRUE(before("LocalSlotNum=4", "TILE_S1=128,LocalSlotNum=4"));
  EXPECT_TRUE(before("TILE_S1=512", "TILE_S1=128,LocalSlotNum=1"));
  EXPECT_TRUE(before("TILE_S1=128", "TILE_S1=512"));
}

TEST(WorkList, FindsSlotsByPointAndProblem) {
  const Job job = smallJob({1024, 1024 + 128});
  WorkList list = makeWorkList(job);
  for (WorkGroup& group : list.groups)
    for (WorkItem& item : group.items)
      for (WorkSlot& slot : item.slots)
        EXPECT_EQ(findSlot(list, job, slot.problem, item.point), &slot);
  EXPECT_EQ(findSlot(list, job, 1, Point()), nullptr) << "TILE_S1 = 256 does not divide 1152";
  Point outside;
  outside.set(Param::qkPreload, 7);
  EXPECT_EQ(findSlot(list, job, 0, outside), nullptr);
}

TEST(WorkList, NoLegalPointIsAnEmptyList) {
  Job job = smallJob({1000});
  WorkList list = makeWorkList(job);
  EXPECT_EQ(list.slotCount(), 0u);
  EXPECT_EQ(findSlot(list, job, 0, Point()), nullptr);
}

TEST(Programs, DistinctAndInertFollowFromTheHashes) {
  const Job job = smallJob();
  WorkList list = makeWorkList(job);
  EXPECT_THAT(list.distinctPrograms(2), ElementsAre(0, 0)) << "before anything is lowered";
  EXPECT_THAT(inertParameters(job, list, 0), IsEmpty());
  for (WorkItem& item : list.groups.front().items)
    for (WorkSlot& slot : item.slots) {
      // On the second problem no parameter but TILE_S1 matters.
      Point seen = programPoint(item.point);
      if (slot.problem == 1) {
        seen = Point();
        seen.set(Param::tileS1, item.point.tileS1());
      }
      slot.program = Hash::of(seen.text());
    }
  EXPECT_THAT(list.distinctPrograms(2), ElementsAre(24, 2));
  EXPECT_THAT(inertParameters(job, list, 0), ElementsAre("LocalSlotNum"));
  EXPECT_THAT(inertParameters(job, list, 1),
              ElementsAre("QK_PRELOAD", "SlotNum", "LocalSlotNum", "EN_UNIT_FLAG"));
}

} // namespace
} // namespace ptotune::test
