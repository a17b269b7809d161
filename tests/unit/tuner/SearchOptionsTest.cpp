// How tune chooses a search by situation.
#include "tuner/cli/SearchOptions.h"

#include "Fakes.h"

namespace ptotune::cli {
namespace {

Space small() {
  return test::smallJob().space;
}

Space large() {
  Space space = small();
  std::vector<std::int64_t> many;
  for (std::int64_t value = 1; value <= 10'000; ++value)
    many.push_back(value);
  test::setDomain(space, Param::tileS1, many);
  return space;
}

TEST(SearchOptions, KindBySituation) {
  struct Case {
    const char* search;
    bool isLarge, isSimulator;
    SearchKind kind;
  };
  for (const Case& one :
       {Case{"auto", false, true, SearchKind::exhaustive},
        Case{"auto", true, true, SearchKind::bnb}, Case{"auto", false, false, SearchKind::measured},
        Case{"auto", true, false, SearchKind::measured},
        Case{"exhaustive", true, false, SearchKind::exhaustive},
        Case{"bnb", false, true, SearchKind::bnb},
        Case{"random", false, true, SearchKind::measured},
        Case{"blackbox", true, true, SearchKind::measured}}) {
    const SearchOptions options{.search = one.search};
    EXPECT_EQ(options.kind(one.isLarge ? large() : small(), one.isSimulator), one.kind)
        << one.search;
  }
}

TEST(SearchOptions, WithoutAnyStopASearchEndsThatHardlyGetsBetter) {
  const MeasuredOptions device = SearchOptions{}.measured(false);
  EXPECT_EQ(device.search, "auto");
  EXPECT_EQ(device.prior, PriorFrom::sim);
  EXPECT_TRUE(device.unlikely.has_value());
  EXPECT_TRUE(device.stop.withoutBetter.has_value());

  SearchOptions given{.search = "random"};
  given.stop.evaluations = 2000;
  const MeasuredOptions simulator = given.measured(true);
  EXPECT_EQ(simulator.search, "random");
  EXPECT_EQ(simulator.prior, PriorFrom::none);
  EXPECT_FALSE(simulator.unlikely.has_value()) << "who asks for 2,000 gets 2,000";
  EXPECT_FALSE(simulator.stop.withoutBetter.has_value());

  given.chance = 0.2;
  EXPECT_EQ(given.measured(true).unlikely->chance, 0.2);
  EXPECT_EQ(given.measured(true).unlikely->improvement, Unlikely{}.improvement);
}

TEST(SearchOptions, WhatDoesNotGoTogetherIsRefused) {
  const auto key = [](const SearchOptions& options, bool isSimulator) {
    const Status status = options.check(small(), isSimulator);
    return status ? std::string() : status.error().key;
  };
  SearchOptions options;
  EXPECT_EQ(key(options, true), "");
  EXPECT_EQ(key(options, false), "");
  options.stop.evaluations = 3;
  EXPECT_EQ(key(options, true), "--evaluations") << "exhaustive search ends by itself";
  EXPECT_EQ(key(options, false), "");
  EXPECT_EQ(key({.search = "bnb"}, false), "--search");
  EXPECT_EQ(key({.search = "bnb", .prior = "db"}, true), "--prior");
  EXPECT_EQ(key({.search = "bnb", .round = 4}, true), "--round");
  SearchOptions gap{.search = "blackbox"};
  gap.stop.gap = 0.05;
  EXPECT_EQ(key(gap, true), "");
  EXPECT_EQ(key(gap, false), "--gap");
}

TEST(SearchOptions, FinalsCanBeLeftOut) {
  SearchOptions options{.seed = 4};
  EXPECT_EQ(options.finalsOptions({}).seed, 4u);
  EXPECT_GT(options.finalsOptions({}).mostRounds, 0u);
  options.finals = 0;
  EXPECT_EQ(options.finalsOptions({}).mostRounds, 0u);
}

} // namespace
} // namespace ptotune::cli
