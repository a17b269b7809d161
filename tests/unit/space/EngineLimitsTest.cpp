// Predicates and their guards; what building refuses.

#include "tests/unit/space/EngineModels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace ptotune::engine;
using namespace ptotune::engine::test;
using testing::HasSubstr;

namespace {

// A predicate is asked only where what was stated before over its parameters holds.
TEST(Predicates, AreAskedBehindTheirGuards) {
  auto model = modelOf({{"a", 0, 40}, {"b", 0, 12}, {"c", 0, 9}, {"d", 0, 3}},
                       {"b != 0", "a % b == 0 if b else 0", "c <= b"});
  std::uint64_t asked = 0;
  ASSERT_TRUE(model->addPredicate("even", std::vector<std::string>{"b", "a"},
                                  [&](std::span<const Cell> cells) {
                                    ++asked;
                                    EXPECT_NE(cells[0], 0);
                                    EXPECT_EQ(cells[1] % cells[0], 0);
                                    return cells[1] / cells[0] % 2 == 0;
                                  }));
  ASSERT_TRUE(model->addPredicate("last", std::vector<std::string>{"a", "b", "c"},
                                  [&](std::span<const Cell> cells) {
                                    EXPECT_EQ(cells[0] / cells[1] % 2, 0);
                                    EXPECT_LE(cells[2], cells[1]);
                                    return cells[2] != 3;
                                  }));
  std::uint64_t expected = 0;
  for (int b = 1; b <= 12; ++b)
    for (int a = 0; a <= 40; a += 2 * b)
      for (int c = 0; c <= std::min(b, 9); ++c)
        expected += c != 3 ? 4 : 0;
  EXPECT_EQ(setOf(model).count(), expected);
  // At most once for each value of the other parameter that its group decides before it.
  EXPECT_LE(asked, 41U * 12 * 10);
  EXPECT_EQ(model->broken(Row{8, 4, 3, 0}), (std::vector<std::uint32_t>{4}));
  const auto unknown =
      model->addPredicate("bad", std::vector<std::string>{"x"}, [](auto) { return true; });
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().value, "x");
}

// The guard is decided with the wider constraint that has its parameters, and with the predicate
// too.
TEST(Predicates, AreGuardedByConstraintsOfOtherGroups) {
  auto model = modelOf({{"a", 0, 30}, {"b", 0, 9}, {"c", 0, 9}, {"d", 0, 20}},
                       {"a >= b", "a + b * c <= 40"});
  ASSERT_TRUE(model->addPredicate("sum", std::vector<std::string>{"a", "b", "d"},
                                  [](std::span<const Cell> cells) {
                                    EXPECT_GE(cells[0], cells[1]);
                                    return (cells[0] - cells[1] + cells[2]) % 3 == 0;
                                  }));
  std::uint64_t expected = 0;
  for (int a = 0; a <= 30; ++a)
    for (int b = 0; b <= std::min(a, 9); ++b)
      for (int c = 0; c <= 9; ++c)
        for (int d = 0; d <= 20; ++d)
          expected += a + b * c <= 40 && (a - b + d) % 3 == 0 ? 1 : 0;
  EXPECT_EQ(setOf(model).count(), expected);
}

// The sums agree where the predicate does not: what it has yet to decide depends on each value.
TEST(Predicates, AreNotForgottenWhereExpressionsAgree) {
  auto model = modelOf({{"a", 0, 11}, {"b", 0, 11}, {"c", 0, 11}, {"d", 0, 11}}, {"a+b+c+d <= 22"});
  ASSERT_TRUE(model->addPredicate(
      "weighted", std::vector<std::string>{"a", "b", "c", "d"}, [](std::span<const Cell> cells) {
        return (cells[0] + 2 * cells[1] + 3 * cells[2] + 4 * cells[3]) % 5 != 0;
      }));
  std::uint64_t expected = 0;
  for (int a = 0; a <= 11; ++a)
    for (int b = 0; b <= 11; ++b)
      for (int c = 0; c <= 11; ++c)
        for (int d = 0; d <= 11; ++d)
          expected += a + b + c + d <= 22 && (a + 2 * b + 3 * c + 4 * d) % 5 != 0 ? 1 : 0;
  EXPECT_EQ(setOf(model).count(), expected);
}

TEST(Limits, AreErrorsThatSayWhatToDo) {
  auto many = std::make_shared<Model>();
  std::string sum = "0";
  for (int i = 0; i < 65; ++i) {
    const std::string name = "p" + std::to_string(i);
    ASSERT_TRUE(many->addRange(name, 0, 1));
    sum += " + " + name;
  }
  EXPECT_THAT(LegalSet::build(many).error().text(), HasSubstr("2^64 configurations or more"));
  ASSERT_TRUE(many->addConstraint(sum + " >= 0", "c"));
  EXPECT_THAT(LegalSet::build(many).error().text(), HasSubstr("65 parameters are constrained"));

  const auto large =
      modelOf({{"a", 1, 60}, {"b", 1, 60}, {"c", 1, 60}}, {"a ** 2 + b ** 2 > c ** 2"});
  const auto spent = LegalSet::build(large, {.mostEvaluations = 1000});
  ASSERT_FALSE(spent);
  EXPECT_THAT(spent.error().text(), HasSubstr("1000 partial assignments"));
  EXPECT_TRUE(LegalSet::build(large));
}

// 2^64 - 1 overflows the count only when it is passed through: dead branches do not.
TEST(Limits, CountsUpTo64Bits) {
  auto model = std::make_shared<Model>();
  for (int i = 0; i < 63; ++i)
    ASSERT_TRUE(model->addRange("p" + std::to_string(i), 0, 1));
  const LegalSet set = setOf(model);
  EXPECT_EQ(set.count(), std::uint64_t{1} << 63);
  Row row(63);
  set.at(set.count() - 1, row);
  EXPECT_EQ(std::ranges::count(row, 1), 63);
  EXPECT_EQ(set.rank(row), set.count() - 1);
}

} // namespace
