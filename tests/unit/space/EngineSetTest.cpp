// Legal sets: counts, order, numbering, sampling, independence.

#include "tests/unit/space/EngineModels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace ptotune::engine;
using namespace ptotune::engine::test;
using testing::ElementsAre;

namespace {

struct CountCase {
  const char* what;
  std::vector<Range> parameters;
  std::vector<std::string> constraints;
  std::uint64_t count;
};

class Counts : public testing::TestWithParam<CountCase> {};

TEST_P(Counts, AreExact) {
  const CountCase& c = GetParam();
  EXPECT_EQ(setOf(modelOf(c.parameters, c.constraints)).count(), c.count) << c.what;
}

INSTANTIATE_TEST_SUITE_P(
    ByHand, Counts,
    testing::Values(
        CountCase{"no constraint", {{"a", 1, 3}, {"b", 1, 4}}, {}, 12},
        CountCase{"no choice", {{"a", 3, 3}}, {"a == 3"}, 1},
        CountCase{"no choice, not legal", {{"a", 3, 3}}, {"a != 3"}, 0},
        CountCase{"a constant that is false", {{"a", 1, 3}}, {"1 > 2"}, 0},
        CountCase{"one parameter", {{"a", 1, 9}}, {"a % 3 == 0"}, 3},
        CountCase{"a contradiction of two", {{"a", 1, 9}, {"b", 1, 9}}, {"a < b", "b < a"}, 0},
        CountCase{"pairs in order", {{"a", 1, 9}, {"b", 1, 9}}, {"a < b"}, 36},
        CountCase{
            "a constraint closes a domain", {{"a", 1, 9}, {"b", 1, 9}}, {"a == 4", "b < a"}, 3},
        CountCase{"undefined where b is 0", {{"a", 0, 3}, {"b", 0, 3}}, {"a % b == 0"}, 8},
        CountCase{"guarded where b is 0", {{"a", 0, 3}, {"b", 0, 3}}, {"b == 0 or a % b == 0"}, 12},
        CountCase{"guarded by `and`", {{"a", 0, 3}, {"b", 0, 3}}, {"b > 0 and a % b == 0"}, 8},
        CountCase{
            "more values than a word of bits", {{"a", 0, 199}, {"b", 0, 199}}, {"a <= b"}, 20100},
        CountCase{
            "overflow is no configuration", {{"a", 60, 65}, {"b", 1, 2}}, {"2 ** a * b > 0"}, 5}));
// Over eight parameters from 1 to 16 (4.3e9 assignments). The first counts lattice points, by the
// recurrence over partial sums; of range at most 3 there are 13 * 4^8 - 12 * 3^8.
const std::vector<Range> kEight = {{"a", 1, 16}, {"b", 1, 16}, {"c", 1, 16}, {"d", 1, 16},
                                   {"e", 1, 16}, {"f", 1, 16}, {"g", 1, 16}, {"h", 1, 16}};
INSTANTIATE_TEST_SUITE_P(
    WideScopes, Counts,
    testing::Values(
        CountCase{"a sum", kEight, {"a+b+c+d+e+f+g+h <= 40"}, 71020945},
        CountCase{"a range", kEight, {"max(a,b,c,d,e,f,g,h) - min(a,b,c,d,e,f,g,h) <= 3"}, 773236},
        CountCase{"a chain", kEight, {"a <= b <= c <= d <= e <= f <= g <= h"}, 490314}));

TEST(LegalSets, CountLatticePointsLikeTheRecurrence) {
  std::vector<std::uint64_t> ways(41, 0);
  ways[0] = 1;
  for (int parameter = 0; parameter < 8; ++parameter) {
    std::vector<std::uint64_t> next(41, 0);
    for (std::size_t sum = 0; sum < ways.size(); ++sum)
      for (std::size_t value = 1; value <= 16 && sum + value < ways.size(); ++value)
        next[sum + value] += ways[sum];
    ways = next;
  }
  EXPECT_EQ(std::accumulate(ways.begin(), ways.end(), std::uint64_t{0}), 71020945U);
}

// Independent groups are added up in size, never multiplied out.
TEST(LegalSets, KeepIndependentParametersApart) {
  const LegalSet set = setOf(modelOf({{"p", 1, 8},
                                      {"a", 1, 16},
                                      {"b", 1, 16},
                                      {"c", 1, 16},
                                      {"x", 1, 9},
                                      {"y", 1, 9},
                                      {"free", 1, 4}},
                                     {"a >= p", "b >= p", "c >= p", "x < y"}));
  // sum over p of (17 - p)^3, times 36 pairs, times 4.
  std::uint64_t sum = 0;
  for (std::uint64_t p = 1; p <= 8; ++p)
    sum += (17 - p) * (17 - p) * (17 - p);
  EXPECT_EQ(set.count(), sum * 36 * 4);
  const Diagram& diagram = set.diagram();
  EXPECT_EQ(diagram.roots.size(), 3U);
  // p: 8 edges; a, b, c: 8 nodes each with 16 down to 9 edges; x: 8 edges, y: 8 nodes with up to 8;
  // free: 4.
  EXPECT_EQ(diagram.edges(), 8U + 3 * 100 + 8 + 36 + 4);
  EXPECT_EQ(diagram.nodes(), 1U + 3 * 8 + 1 + 8 + 1);
  for (const Diagram::Level& level : diagram.levels)
    if (level.parameter >= 1 && level.parameter <= 3) {
      ASSERT_GE(level.parent, 0);
      EXPECT_EQ(diagram.levels[static_cast<std::size_t>(level.parent)].parameter, 0U);
    }
}

// Where `shared` is 0 the product is not read: its parameters are free of each other there, and one
// node stands for all of them.
TEST(LegalSets, ForgetWhatAConstraintNoLongerReads) {
  const LegalSet set = setOf(modelOf({{"shared", 0, 1}, {"a", 1, 30}, {"b", 1, 30}, {"c", 1, 30}},
                                     {"shared == 0 or a * b * c <= 10"}));
  std::uint64_t products = 0;
  for (int a = 1; a <= 10; ++a)
    for (int b = 1; a * b <= 10; ++b)
      products += static_cast<std::uint64_t>(10 / (a * b));
  EXPECT_EQ(set.count(), 27'000 + products);
  EXPECT_LT(set.diagram().edges(), 600U);
}

TEST(LegalSets, AreSortedByTheirOrder) {
  auto model = std::make_shared<Model>();
  ASSERT_TRUE(model->addIntegers("a", {8, 2, 4}));
  ASSERT_TRUE(model->addIntegers("b", {1, 4, 2}));
  ASSERT_TRUE(model->addConstraint("a % b == 0 and a != b", "c"));
  const auto declared = LegalSet::build(model, {.declaredOrder = true});
  ASSERT_TRUE(declared);
  EXPECT_THAT(declared->order(), ElementsAre(0, 1));
  EXPECT_THAT(rowsOf(*declared),
              ElementsAre(Row{8, 1}, Row{8, 4}, Row{8, 2}, Row{2, 1}, Row{4, 1}, Row{4, 2}));
  Cursor cursor(*declared, 3);
  EXPECT_THAT(cursor.row(), ElementsAre(2, 1));
  EXPECT_TRUE(cursor.next());
  EXPECT_THAT(cursor.row(), ElementsAre(4, 1));
  EXPECT_TRUE(cursor.next());
  EXPECT_FALSE(cursor.next());
  EXPECT_TRUE(cursor.done());
  EXPECT_TRUE(Cursor(*declared, 6).done());
}

TEST(LegalSets, CursorGoesOnFromEveryIndex) {
  const LegalSet set = setOf(
      modelOf({{"a", 1, 5}, {"b", 1, 5}, {"c", 1, 3}, {"f", 1, 2}}, {"a * b <= 8", "b != c"}));
  const std::vector<Row> rows = rowsOf(set);
  for (std::size_t begin = 0; begin < rows.size(); ++begin) {
    Cursor cursor(set, begin);
    for (std::size_t i = begin; i < rows.size(); ++i, cursor.next())
      ASSERT_THAT(cursor.row(), testing::ElementsAreArray(rows[i])) << begin << " to " << i;
    EXPECT_TRUE(cursor.done());
  }
}

TEST(LegalSets, RankRefusesWhatIsNotLegal) {
  const LegalSet set = setOf(modelOf({{"a", 1, 4}, {"b", 1, 4}, {"k", 7, 7}}, {"a + b == 5"}));
  EXPECT_TRUE(set.contains(Row{2, 3, 7}));
  EXPECT_FALSE(set.contains(Row{2, 2, 7})); // breaks the constraint
  EXPECT_FALSE(set.contains(Row{2, 3, 8})); // not in the domain
  EXPECT_FALSE(set.contains(Row{0, 5, 7}));
  EXPECT_FALSE(set.contains(Row{2, 3}));
  const LegalSet none = setOf(modelOf({{"a", 1, 4}}, {"a > 4"}));
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(none.contains(Row{1}));
  EXPECT_THAT(rowsOf(none), ElementsAre());
}

// Pearson's chi-square over all configurations; 3.719 is the normal quantile of 1 - 1e-4, by the
// approximation of Wilson and Hilferty.
TEST(LegalSets, SampleUniformly) {
  const LegalSet set = setOf(modelOf({{"a", 1, 9}, {"b", 1, 9}, {"c", 1, 5}, {"d", 0, 1}},
                                     {"a * b % (c + 1) != 0", "a <= b + c"}));
  ASSERT_GT(set.count(), 200U);
  std::mt19937_64 generator(20240229);
  std::vector<std::uint64_t> seen(set.count());
  Row row(set.width());
  const std::uint64_t draws = 400 * set.count();
  for (std::uint64_t i = 0; i < draws; ++i) {
    set.sample(generator, row);
    ++seen[*set.rank(row)];
  }
  double chiSquare = 0;
  for (const std::uint64_t count : seen)
    chiSquare += (static_cast<double>(count) - 400) * (static_cast<double>(count) - 400) / 400;
  const auto freedom = static_cast<double>(set.count() - 1);
  const double spread = 2 / (9 * freedom);
  const double most = freedom * std::pow(1 - spread + 3.719 * std::sqrt(spread), 3);
  const double least = freedom * std::pow(1 - spread - 3.719 * std::sqrt(spread), 3);
  EXPECT_LT(chiSquare, most);
  EXPECT_GT(chiSquare, least);
}

// A generator that gives the numbers it is told.
struct Told {
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()() { return numbers.at(next++); }
  std::vector<std::uint64_t> numbers;
  std::size_t next = 0;
};

// 2^64 is 1 more than a multiple of 3: of all numbers only 0 is drawn again.
TEST(LegalSets, DrawAgainWhatWouldBeUneven) {
  const LegalSet set = setOf(modelOf({{"a", 1, 3}}, {}));
  Told told{{0, 1, 6148914691236517206U, ~0ULL}};
  EXPECT_EQ(set.uniformIndex(told), 0U);
  EXPECT_EQ(told.next, 2U);
  EXPECT_EQ(set.uniformIndex(told), 1U);
  EXPECT_EQ(set.uniformIndex(told), 2U);
}

TEST(LegalSets, MarginalsCountConfigurationsByValue) {
  const LegalSet set = setOf(modelOf(
      {{"p", 1, 4}, {"a", 1, 6}, {"b", 1, 6}, {"f", 1, 2}, {"k", 5, 5}}, {"a >= p", "b % p == 0"}));
  std::vector<std::vector<std::uint64_t>> expected = {
      {0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, {0, 0}, {0}};
  for (const Row& row : rowsOf(set))
    for (std::size_t p = 0; p < row.size(); ++p)
      ++expected[p][static_cast<std::size_t>(row[p] - (p == 4 ? 5 : 1))];
  EXPECT_EQ(set.marginals(), expected);
}

TEST(LegalSets, CountRejectionsByTheFirstConstraintThatBreaks) {
  const auto model = modelOf({{"a", 1, 6}, {"b", 1, 6}}, {"a <= b", "a * b <= 12", "b % a == 0"});
  std::vector<std::uint64_t> expected(3);
  std::uint64_t legal = 0;
  for (Cell a = 1; a <= 6; ++a)
    for (Cell b = 1; b <= 6; ++b) {
      const auto broken = model->broken(Row{a, b});
      if (broken.empty())
        ++legal;
      else
        ++expected[broken.front()];
    }
  const auto rejected = countRejections(*model);
  ASSERT_TRUE(rejected) << rejected.error().text();
  EXPECT_EQ(*rejected, expected);
  EXPECT_EQ(setOf(model).count(), legal);
}

} // namespace
