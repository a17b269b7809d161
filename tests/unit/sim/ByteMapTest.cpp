#include "runners/sim/hazards/ByteMap.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace ptotune::sim {
namespace {

constexpr std::int64_t kBytes = 64;
constexpr int kNone = -1;

struct State {
  int value = kNone;
};

// Against a state for each byte.
TEST(ByteMap, IsAStateForEachByte) {
  std::mt19937 random(7);
  for (int trial = 0; trial < 200; ++trial) {
    ByteMap<State> map;
    std::array<int, kBytes> bytes;
    bytes.fill(kNone);
    for (int step = 0; step < 100; ++step) {
      const auto begin = static_cast<std::int64_t>(random() % kBytes);
      const auto end = begin + 1 + static_cast<std::int64_t>(random() % (kBytes - begin));
      std::int64_t reached = begin;
      const auto see = [&](std::int64_t from, std::int64_t to, int value) {
        ASSERT_LE(reached, from);
        ASSERT_LT(from, to);
        ASSERT_LE(to, end);
        for (std::int64_t i = from; i < to; ++i)
          ASSERT_EQ(bytes[static_cast<std::size_t>(i)], value);
        reached = to;
      };
      if (random() % 2 == 0) {
        map.visit(
            begin, end,
            [&](std::int64_t from, std::int64_t to, State& state) {
              see(from, to, state.value);
              state.value += 1000; // a change stays within the range
            },
            [&](std::int64_t from, std::int64_t to) { see(from, to, kNone); });
        ASSERT_EQ(reached, end);
        for (std::int64_t i = begin; i < end; ++i)
          if (int& value = bytes[static_cast<std::size_t>(i)]; value != kNone)
            value += 1000;
      } else {
        State& fresh =
            map.replace(begin, end, [&](std::int64_t from, std::int64_t to, const State& state) {
              see(from, to, state.value);
            });
        ASSERT_EQ(fresh.value, kNone);
        fresh.value = step;
        for (std::int64_t i = begin; i < end; ++i)
          bytes[static_cast<std::size_t>(i)] = step;
      }
      ASSERT_LE(map.size(), static_cast<std::size_t>(kBytes));
    }
  }
}

TEST(ByteMap, ReplacingMakesOneSegment) {
  ByteMap<State> map;
  const auto nothing = [](std::int64_t, std::int64_t, const State&) {};
  map.replace(0, 10, nothing);
  map.replace(20, 30, nothing);
  map.replace(5, 25, nothing).value = 1;
  EXPECT_EQ(map.size(), 3U); // [0, 5), [5, 25), [25, 30)
  map.replace(0, 30, nothing);
  EXPECT_EQ(map.size(), 1U);
}

} // namespace
} // namespace ptotune::sim
