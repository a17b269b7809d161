// The rule of the three tiers against one in floating point, and its arithmetic.
#include "ptotune/Tiers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace ptotune::tiers {
namespace {

struct Entry {
  int s0;
  int s1;
  int tile_s1;
  int cube_s0;
  int kv_split;
  int max_s0;
  int max_tiles;
};

TEST(Tiers, RatiosAreComparedExactly) {
  struct Case {
    std::uint64_t a, b, c, d;
    bool less;
  };
  constexpr std::uint64_t big = std::uint64_t{1} << 62U;
  const Case cases[] = {
      {1, 1, 1, 1, false},
      {1, 2, 2, 3, true},
      {2, 3, 1, 2, false},
      {4, 2, 2, 1, false},
      {7, 2, 18, 5, true},
      {18, 5, 7, 2, false},
      {22, 7, 355, 113, false},
      {355, 113, 22, 7, true},
      {big - 1, big, big, big, true},
      {big, big - 1, big, big - 1, false},
      {big, big - 1, big - 1, big - 2, true},
      {big - 1, big - 2, big, big - 1, false},
  };
  for (const Case& one : cases)
    EXPECT_EQ(ratio_less(one.a, one.b, one.c, one.d), one.less)
        << one.a << "/" << one.b << " < " << one.c << "/" << one.d;
}

double octaves(const Entry& entry, int s0, int s1) {
  return std::abs(std::log2(double(entry.s0) / s0)) + std::abs(std::log2(double(entry.s1) / s1));
}

TEST(Tiers, AgreesWithLogarithms) {
  std::mt19937 random(11);
  const auto pick = [&random](int n) {
    return static_cast<int>(random() % static_cast<unsigned>(n));
  };
  int matches[3] = {};
  for (int round = 0; round < 40000; ++round) {
    std::vector<Entry> entries;
    for (int i = pick(7); i > 0; --i)
      entries.push_back({.s0 = 64 * (1 + pick(40)),
                         .s1 = 128 * (1 + pick(40)),
                         .tile_s1 = 64 << pick(3),
                         .cube_s0 = 64 << pick(2),
                         .kv_split = 1 + pick(2),
                         .max_s0 = pick(8) == 0 ? 256 : 1 << 30,
                         .max_tiles = pick(4) == 0 ? pick(12) : 1 << 30});
    const int s0 = 64 * (1 + pick(40));
    const int s1 = 128 * (1 + pick(40));
    const Found found =
        find(entries.data(), entries.size(), s0, s1, [](const Entry&) { return true; });
    ++matches[static_cast<int>(found.match)];
    bool exact = false;
    double least = INFINITY;
    for (const Entry& entry : entries) {
      exact |= entry.s0 == s0 && entry.s1 == s1;
      const bool divides = s0 % entry.cube_s0 == 0 && s1 % (entry.tile_s1 * entry.kv_split) == 0;
      if (divides && s0 <= entry.max_s0 && s1 / (entry.tile_s1 * entry.kv_split) <= entry.max_tiles)
        least = std::min(least, octaves(entry, s0, s1));
    }
    if (exact) {
      EXPECT_EQ(found.match, Match::exact);
      EXPECT_EQ(entries[found.index].s0, s0);
      EXPECT_EQ(entries[found.index].s1, s1);
    } else if (std::isinf(least)) {
      EXPECT_EQ(found.match, Match::fallback_default);
    } else {
      ASSERT_EQ(found.match, Match::nearest);
      EXPECT_NEAR(octaves(entries[found.index], s0, s1), least, 1e-12);
    }
  }
  for (const int count : matches)
    EXPECT_GT(count, 50);
}

TEST(Tiers, OfEquallyNearOnesTheFirst) {
  const Entry entries[] = {{128, 4096, 256, 128, 1, 1 << 30, 1 << 30},
                           {128, 1024, 256, 128, 1, 1 << 30, 1 << 30},
                           {64, 2048, 256, 64, 1, 1 << 30, 1 << 30}};
  const auto all = [](const Entry&) { return true; };
  EXPECT_EQ(find(entries, 3, 128, 2048, all).index, 0U);
  EXPECT_EQ(find(entries + 1, 2, 128, 2048, all).index, 0U);
  EXPECT_EQ(find(entries, 3, 128, 2048, [](const Entry& e) { return e.s1 < 4096; }).index, 1U);
}

} // namespace
} // namespace ptotune::tiers
