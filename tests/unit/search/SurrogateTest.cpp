// What surrogate search is made of.
#include "tests/unit/search/SearchTest.h"
#include "tuner/search/surrogate/Posterior.h"
#include "tuner/search/surrogate/Targets.h"

#include <gmock/gmock.h>

#include <cmath>

using namespace ptotune::search;
using testing::DoubleNear;
using testing::ElementsAre;

namespace {

Dimension numbers(std::vector<double> values) {
  return {.name = "d", .levels = values.size(), .numbers = std::move(values)};
}

TEST(Features, SizeIsLogarithmicWhereItSpansAFactorOfFour) {
  const Dimension dimensions[] = {numbers({1, 2, 4, 8, 16}),
                                  numbers({1, 2, 3}),
                                  numbers({0, 1}),
                                  {.name = "text", .levels = 3}};
  const auto features = featuresOf(dimensions);
  ASSERT_EQ(features.size(), 4U);
  EXPECT_THAT(features[0].places, ElementsAre(0, 0.25, 0.5, 0.75, 1));
  EXPECT_THAT(features[1].places, ElementsAre(0, 0.5, 1));
  EXPECT_THAT(features[2].places, ElementsAre(0, 1));
  EXPECT_FALSE(features[3].ordered);
  EXPECT_EQ(features[3].distance(0, 2), 1);
  EXPECT_EQ(features[3].distance(2, 2), 0);
}

TEST(Features, AlignmentIsOneWhereItTellsMoreThanSize) {
  const Dimension dimensions[] = {numbers({16, 32, 48, 64, 80})};
  const auto features = featuresOf(dimensions);
  ASSERT_EQ(features.size(), 2U);
  EXPECT_THAT(features[1].places, ElementsAre(0, 0.5, 0, 1, 0));
}

TEST(Cholesky, SolvesBothTriangles) {
  // [[4, 2, 1], [2, 5, 3], [1, 3, 6]] = L L^T.
  Cholesky factor;
  factor.add(std::vector<float>{4});
  factor.add(std::vector<float>{2, 5});
  factor.add(std::vector<float>{1, 3, 6});
  std::vector<double> x = {4 + 4 + 3, 2 + 10 + 9, 1 + 6 + 18}; // of (1, 2, 3)
  factor.solveLower(x);
  factor.solveUpper(x);
  EXPECT_THAT(x, ElementsAre(DoubleNear(1, 1e-5), DoubleNear(2, 1e-5), DoubleNear(3, 1e-5)));
  EXPECT_NEAR(2 * factor.logDiagonal(), std::log(67.0), 1e-5); // the determinant
}

struct Model {
  std::vector<Dimension> dimensions = {numbers({0, 1, 2, 3, 4}), numbers({0, 1, 2})};
  std::vector<Feature> features = featuresOf(dimensions);
  KernelParameters parameters = priorParameters(features.size());
  Kernel kernel{dimensions, features, parameters};
  LevelTable all{2};

  Model() {
    for (Level a = 0; a < 5; ++a)
      for (Level b = 0; b < 3; ++b) {
        const auto row = all.add();
        row[0] = a;
        row[1] = b;
      }
  }
};

TEST(Posterior, IsTheTextbookFormula) {
  // Two observations: K^-1 by hand.
  const Model model;
  const double nugget = 0.05;
  Posterior posterior(model.kernel, nugget, model.all);
  posterior.expect(model.all[0]);
  posterior.expect(model.all[7]);
  const Posterior::Targets targets[] = {{1.5, 0, 2}, {-0.5, 1, 0}};
  posterior.settle(targets);
  const double own = 1 + nugget;
  const double both = model.kernel(model.all[0], model.all[7]);
  const double determinant = own * own - both * both;
  for (std::size_t c = 0; c < model.all.size(); ++c) {
    const double k0 = model.kernel(model.all[c], model.all[0]);
    const double k7 = model.kernel(model.all[c], model.all[7]);
    const double w0 = (own * k0 - both * k7) / determinant;
    const double w7 = (own * k7 - both * k0) / determinant;
    EXPECT_NEAR(posterior.mean(0)[c], 1.5 * w0 - 0.5 * w7, 1e-5);
    EXPECT_NEAR(posterior.mean(1)[c], w7, 1e-5);
    EXPECT_NEAR(posterior.mean(2)[c], 2 * w0, 1e-5);
    EXPECT_NEAR(posterior.variance()[c], 1 - k0 * w0 - k7 * w7, 1e-5);
  }
}

TEST(Posterior, AnExpectedObservationLowersTheVarianceAlone) {
  const Model model;
  Posterior posterior(model.kernel, 0.01, model.all);
  posterior.expect(model.all[0]);
  const Posterior::Targets one[] = {{1, 0, 0}};
  posterior.settle(one);
  const std::vector<float> before(posterior.mean(0).begin(), posterior.mean(0).end());
  posterior.expect(model.all[9]);
  posterior.settle(one);
  EXPECT_THAT(posterior.mean(0), testing::ElementsAreArray(before));
  EXPECT_LT(posterior.variance()[9], 0.02F);
}

TEST(Posterior, OfTheOnlyConfigurationOfASpaceWithoutDimensions) {
  const Kernel kernel({}, {}, priorParameters(0));
  LevelTable only(0);
  EXPECT_EQ(only.add().size(), 0U);
  ASSERT_EQ(only.size(), 1U);
  Posterior posterior(kernel, 0.25, only);
  ASSERT_EQ(posterior.variance().size(), 1U);
  posterior.expect(only[0]);
  const Posterior::Targets targets[] = {{1, 0, 0}};
  posterior.settle(targets);
  EXPECT_NEAR(posterior.mean(0)[0], 1 / 1.25, 1e-6);
  EXPECT_NEAR(posterior.variance()[0], 1 - 1 / 1.25, 1e-6);
}

TEST(Kernel, LearnsWhichDimensionMatters) {
  Model model;
  std::vector<double> targets;
  for (std::size_t row = 0; row < model.all.size(); ++row)
    targets.push_back(std::sin(1.5 * model.all[row][0]));
  learnKernel(model.dimensions, model.features, model.all, targets, 6, model.parameters);
  EXPECT_GT(model.parameters.logLengths[1], model.parameters.logLengths[0] + 1);
}

TEST(TargetScale, PutsTheMedianAtZeroAndTheBestAtMinusOne) {
  std::vector<Observation> history;
  for (const double value : {1.0, 10.0, 100.0})
    history.push_back({history.size(), {.value = value, .cost = 2}});
  const TargetScale scale(history, nullptr, {.compression = 1, .failedValue = 0.6});
  const auto value = [&](double v) {
    return scale.centred(0, {.value = v, .cost = 2})[TargetScale::kValue];
  };
  EXPECT_NEAR(value(10) - value(1), 1, 1e-12);
  EXPECT_NEAR(value(100) - value(10), std::log(2.0), 1e-12);
  EXPECT_NEAR(value(1) + value(10) + value(100), 0, 1e-12);
  // No failure was seen, so none is foreseen.
  EXPECT_EQ(scale.validity(0), 1);
  EXPECT_NEAR(scale.centred(0, {.cost = 2})[TargetScale::kValue] - value(10), 0.6, 1e-12);
}

TEST(Improvement, IsTheClosedForm) {
  // z Phi(z) + phi(z), and improvement(z) - improvement(-z) = z: at 0 it is 1 / sqrt(2 pi).
  EXPECT_NEAR(improvement(0), 0.3989422804014327, 1e-12);
  EXPECT_NEAR(improvement(1), 1.0833154705876864, 1e-9);
  EXPECT_NEAR(improvement(-1), 0.0833154705876864, 1e-9);
  EXPECT_EQ(improvement(-40), 0);
}

} // namespace
