// Search led by predictions.
#include "tests/unit/search/SearchTest.h"
#include "tuner/search/Searchers.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

using namespace ptotune;
using namespace ptotune::search;

namespace {

// A pipeline of three stages with a tile, a depth, a split and a flag: 9 * 8 * 7 * 2 = 1,008 less
// what does not fit.
std::shared_ptr<const LegalSpace> pipelineSpace() {
  engine::Model model;
  EXPECT_TRUE(model.addPowers("tile", 2, 3, 11));
  EXPECT_TRUE(model.addRange("depth", 1, 8));
  EXPECT_TRUE(model.addPowers("block", 2, 2, 8));
  EXPECT_TRUE(model.addIntegers("flag", {0, 1}));
  EXPECT_TRUE(model.addConstraint("tile * depth <= 4096", "test"));
  auto set = engine::LegalSet::build(std::make_shared<const engine::Model>(std::move(model)));
  EXPECT_TRUE(set) << set.error().text();
  return *LegalSpace::make(std::move(*set));
}

// Costs of the stages' operations; a device's are those of the model, each off by up to a quarter.
using Costs = std::array<double, 6>;

double timeOf(const SearchSpace& space, Index index, const Costs& cost) {
  std::array<Level, 4> level = {};
  space.at(index, level);
  const double tile = space.dimensions()[0].numbers[level[0]];
  const double depth = space.dimensions()[1].numbers[level[1]];
  const double block = space.dimensions()[2].numbers[level[2]];
  const double tiles = 4096 / tile;
  const double load = cost[0] * 40 + cost[1] * tile;
  const double compute = cost[2] * 60 + cost[3] * tile * (1 + 16 / block);
  const double store = cost[4] * (level[3] == 0 ? 50.0 : 30.0 + 0.05 * tile * block / 64);
  const double steady = std::max({load, compute, store}) + (load + compute + store) / (2 * depth);
  return tiles * steady + cost[5] * depth * (load + compute);
}

Costs perturbed(std::uint64_t seed) {
  Random random(seed);
  Costs costs;
  for (double& cost : costs)
    cost = 0.75 + 0.5 * random.unit();
  return costs;
}

struct Device {
  Costs costs;
  Random noise;
  double optimum = 0;

  Device(const SearchSpace& space, std::uint64_t seed) : costs(perturbed(seed)), noise(seed) {
    optimum = timeOf(space, 0, costs);
    for (Index index = 0; index < space.size(); ++index)
      optimum = std::min(optimum, timeOf(space, index, costs));
  }
  // With a noise of 2 %.
  Outcome measure(const SearchSpace& space, Index index) {
    return {.value = timeOf(space, index, costs) * (1 + 0.02 * noise.normal()), .cost = 1};
  }
};

std::shared_ptr<const Prior> priorOf(const SearchSpace& space) {
  const Costs model = {1, 1, 1, 1, 1, 1};
  std::vector<Prior::Prediction> predictions;
  for (Index index = 0; index < space.size(); ++index)
    predictions.push_back({index, timeOf(space, index, model)});
  return std::make_shared<const Prior>(std::move(predictions));
}

// Measured configurations until one is truly within 2 % of the best.
std::size_t measuredUntilGood(Searcher& searcher, Device& device) {
  const SearchSpace& space = searcher.space();
  while (true) {
    const Index index = searcher.ask(1).front();
    searcher.tell(index, device.measure(space, index));
    if (timeOf(space, index, device.costs) <= 1.02 * device.optimum)
      return searcher.history().size();
  }
}

TEST(Prior, LeadsWithinEightMeasurements) {
  const auto space = pipelineSpace();
  const auto prior = priorOf(*space);
  for (const SearcherInfo& info : allSearchers()) {
    if (!info.makeGuided)
      continue;
    std::vector<std::size_t> guided;
    std::vector<std::size_t> alone;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      Device device(*space, seed);
      guided.push_back(measuredUntilGood(*info.makeGuided(space, seed, prior), device));
      alone.push_back(measuredUntilGood(*info.make(space, seed), device));
    }
    std::ranges::sort(guided);
    std::ranges::sort(alone);
    std::printf("%s: with a prior %zu (median) and %zu (90 %%), without %zu and %zu\n",
                std::string(info.name).c_str(), guided[10], guided[17], alone[10], alone[17]);
    EXPECT_LE(guided[10], 8U) << info.name;
    EXPECT_LE(guided[17], 20U) << info.name;
    EXPECT_LE(guided[10], alone[10]) << info.name;
  }
}

TEST(Prior, TheBestPredictionIsAskedFirst) {
  const auto space = pipelineSpace();
  const auto prior = priorOf(*space);
  const auto searcher = (*findSearcher("auto"))->makeGuided(space, 1, prior);
  EXPECT_EQ(searcher->ask(1).front(), prior->ranked().front().index);
}

TEST(Prior, ACommonFactorDoesNotMatter) {
  const auto space = pipelineSpace();
  const auto prior = priorOf(*space);
  std::vector<Prior::Prediction> scaled(prior->ranked().begin(), prior->ranked().end());
  for (Prior::Prediction& one : scaled)
    one.value *= 1024;
  const auto large = std::make_shared<const Prior>(scaled);
  const SearcherInfo& info = **findSearcher("surrogate");
  const auto one = info.makeGuided(space, 1, prior);
  const auto other = info.makeGuided(space, 1, large);
  Device device(*space, 3);
  std::size_t same = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const Index a = one->ask(1).front();
    const Index b = other->ask(1).front();
    same += a == b ? 1 : 0;
    one->tell(a, {.value = timeOf(*space, a, device.costs), .cost = 1});
    other->tell(b, {.value = timeOf(*space, b, device.costs), .cost = 1});
  }
  EXPECT_GE(same, 8U); // rounding may turn a close choice
}

TEST(Prior, WhatItDoesNotPredictIsFoundToo) {
  const auto space = pipelineSpace();
  const auto prior =
      std::make_shared<const Prior>(std::vector<Prior::Prediction>{{5, 1.0}, {9, 2.0}, {20, 3.0}});
  const auto searcher = (*findSearcher("auto"))->makeGuided(space, 1, prior);
  Device device(*space, 4);
  EXPECT_LT(measuredUntilGood(*searcher, device), 300U);
}

TEST(Prior, TheChanceOfImprovementFallsWhileSearching) {
  const auto space = pipelineSpace();
  const auto searcher = (*findSearcher("auto"))->makeGuided(space, 1, priorOf(*space));
  EXPECT_EQ(searcher->improvementChance(0.02), std::nullopt);
  Device device(*space, 5);
  std::vector<double> chances;
  for (std::size_t i = 0; i < 80; ++i) {
    const Index index = searcher->ask(1).front();
    searcher->tell(index, {.value = timeOf(*space, index, device.costs), .cost = 1});
    const auto chance = searcher->improvementChance(0.02);
    ASSERT_TRUE(chance);
    EXPECT_GE(*chance, 0);
    EXPECT_LE(*chance, 1);
    EXPECT_LE(searcher->improvementChance(0.2), *chance + 1e-9);
    chances.push_back(*chance);
  }
  EXPECT_GT(chances[1], chances[79]);
  EXPECT_LT(chances[79], 0.1);
}

} // namespace
