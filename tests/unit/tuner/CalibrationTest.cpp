// Fitting a profile's constants: reading measurements, the search, what is written.
#include "tests/support/Paths.h"
#include "tests/support/TempFile.h"
#include "tuner/calibration/Fit.h"
#include "tuner/calibration/ProfileText.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace ptotune::calibration {
namespace {

using testing::HasSubstr;

constexpr const char* kHeading =
    "soc,cores,head,s0,s1,cube_s0,cube_s1,tile_s1,qk_preload,slot_num,sync_period,kv_split,"
    "vec_order,time_us,source\n";

std::string row(std::int64_t cores, std::int64_t s1, double us, const char* source = "a.md:1") {
  return fmt::format("Ascend910B2,{},128,{},{},128,128,256,4,8,1,1,p_first,{},{}\n", cores,
                     cores * 128, s1, us, source);
}

SocProfile profile() {
  auto soc = loadSoc(test::config("soc/ascend910b2.toml"));
  EXPECT_TRUE(soc.ok()) << soc.error().text();
  return *soc;
}

Result<std::vector<Measurement>> load(const std::string& text) {
  const test::TempDir directory;
  const std::string path = directory.path("measured.csv");
  std::ofstream(path) << text;
  return loadMeasurements(path);
}

TEST(Measurements, OfTheShippedTable) {
  const auto rows = loadMeasurements(test::data("fa_measured.csv"));
  ASSERT_TRUE(rows.ok()) << rows.error().text();
  ASSERT_EQ(rows->size(), 16u);
  const Measurement& first = rows->front();
  EXPECT_EQ(first.syncPeriod, 1);
  EXPECT_EQ(first.point, Point());
  EXPECT_DOUBLE_EQ(first.seconds, 19.2e-6);
  EXPECT_EQ(first.group(), "pto-isa demos/torch_jit/flash_atten/README.md");
  const Measurement& last = rows->back();
  EXPECT_EQ(last.point.vecOrder(), VecOrder::guFirst);
  EXPECT_EQ(last.point.expRing(), 3);
  EXPECT_EQ(last.point.tileS1(), 512);
}

TEST(Measurements, OfADatabaseAreThoseOfDevices) {
  const test::TempDir directory;
  auto database = Database::open(directory.path("results.db"), OpenMode::create);
  ASSERT_TRUE(database.ok()) << database.error().text();
  const auto record = [&](const std::string& soc, const std::string& runner, TrialStatus status,
                          std::vector<double> seconds) {
    const auto session = database->beginSession(
        {.soc = soc, .runner = runner, .runnerVersion = "1", .toolVersion = "0"}, "test");
    ASSERT_TRUE(session.ok());
    Trial trial;
    trial.problem.s0 = 128;
    trial.problem.s1 = 1024;
    trial.status = status;
    trial.seconds = std::move(seconds);
    ASSERT_TRUE(database->record(*session, std::vector{trial}).ok());
  };
  record("Ascend910B2", "sim", TrialStatus::correct, {1e-6});
  record("Ascend910B1", "ascend", TrialStatus::correct, {2e-6});
  const auto none = deviceMeasurements(*database, "Ascend910B2");
  ASSERT_FALSE(none.ok());
  EXPECT_THAT(none.error().text(), HasSubstr("no times of a device"));
  record("Ascend910B2", "ascend", TrialStatus::hang, {});
  record("Ascend910B2", "ascend", TrialStatus::correct, {5e-5, 3e-5, 4e-5});
  const auto found = deviceMeasurements(*database, "Ascend910B2");
  ASSERT_TRUE(found.ok()) << found.error().text();
  ASSERT_EQ(found->size(), 1u);
  EXPECT_DOUBLE_EQ(found->front().seconds, 4e-5);
  EXPECT_EQ(found->front().point, Point());
  EXPECT_EQ(found->front().syncPeriod, 0);
  EXPECT_THAT(found->front().group(), HasSubstr("ascend 1, environment "));
  // The cores that work and the period of credits follow from point and profile.
  const auto samples = lowerAll(*found, profile(), "results.db");
  ASSERT_TRUE(samples.ok()) << samples.error().text();
  EXPECT_EQ(samples->front().measured.cores, 1);
  EXPECT_EQ(samples->front().program.fifos.front().syncPeriod, profile().syncPeriod(8));
}

TEST(Measurements, BadInput) {
  struct Case {
    std::string text;
    const char* says;
  };
  const Case cases[] = {
      {"", "no measurement"},
      {kHeading, "no measurement"},
      {"soc,cores\nAscend910B2,1\n", "column 'head' is missing"},
      {std::string(kHeading) + "Ascend910B2,1\n", "2 fields, the heading 15"},
      {std::string(kHeading) + row(1, 1024, -3), "time_us"},
      {std::string(kHeading) + row(0, 1024, 3), "cores"},
      {std::string(kHeading) + row(1, 1024, 3) +
           "Ascend910B2,1,128,128,1024,128,128,256,4,8,1,1,sideways,3,a:1\n",
       "vec_order"},
  };
  for (const Case& c : cases) {
    const auto rows = load(c.text);
    ASSERT_FALSE(rows.ok()) << c.text;
    EXPECT_THAT(rows.error().text(), HasSubstr(c.says));
  }
}

TEST(Lowering, RefusesWhatDoesNotFit) {
  const SocProfile soc = profile();
  const auto refused = [&](const std::string& line) {
    const auto rows = load(kHeading + line);
    EXPECT_TRUE(rows.ok());
    const auto samples = lowerAll(*rows, soc, "measured.csv");
    return samples ? std::string("lowered") : samples.error().text();
  };
  EXPECT_EQ(refused(row(4, 1024, 20)), "lowered");
  EXPECT_THAT(refused("Ascend910B2,7,128,512,1024,128,128,256,4,8,1,1,p_first,20,a:1\n"),
              HasSubstr("cores"));
  EXPECT_THAT(refused("Ascend910B3,4,128,512,1024,128,128,256,4,8,1,1,p_first,20,a:1\n"),
              HasSubstr("another SoC"));
  EXPECT_THAT(refused("Ascend910B2,4,128,512,1024,128,128,300,4,8,1,1,p_first,20,a:1\n"),
              HasSubstr("no kernel"));
}

// Times that another profile makes are found again, and a row left out is predicted.
TEST(Fit, FindsTheConstantsThatMadeTheTimes) {
  SocProfile truth = profile();
  truth.launchSeconds = 9e-6;
  truth.gmSharing.store = 0.2;
  std::string text = kHeading;
  for (const std::int64_t cores : {1, 4, 16})
    for (const std::int64_t s1 : {1024, 4096})
      text += row(cores, s1, 1);
  auto rows = load(text);
  ASSERT_TRUE(rows.ok()) << rows.error().text();
  auto samples = lowerAll(*rows, truth, "measured.csv");
  ASSERT_TRUE(samples.ok()) << samples.error().text();
  const auto seconds = simulateAll(*samples, truth);
  ASSERT_TRUE(seconds.ok());
  for (std::size_t i = 0; i < samples->size(); ++i)
    (*samples)[i].measured.seconds = (*seconds)[i];

  const std::vector<const Constant*> free = {findConstant("launch"),
                                             findConstant("gm_store_contention")};
  const auto fitted = fit(*samples, profile(), free);
  ASSERT_TRUE(fitted.ok()) << fitted.error().text();
  EXPECT_NEAR(fitted->soc.launchSeconds, 9e-6, 0.1e-6);
  EXPECT_NEAR(fitted->soc.gmSharing.store, 0.2, 0.005);
  const auto groups = groupErrors(*samples, *fitted);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].rows, 6u);
  EXPECT_LT(groups[0].mape, 0.005);
  EXPECT_LT(groups[0].leftOut, 0.02);
  EXPECT_DOUBLE_EQ(groups[0].rank, 1);
}

TEST(RankCorrelation, OfSpearman) {
  const double a[] = {1, 2, 3, 4};
  const double same[] = {10, 20, 30, 1000};
  const double reversed[] = {4, 3, 2, 1};
  const double swapped[] = {1, 3, 2, 4};
  const double tied[] = {1, 1, 2, 2};
  EXPECT_DOUBLE_EQ(rankCorrelation(a, same), 1);
  EXPECT_DOUBLE_EQ(rankCorrelation(a, reversed), -1);
  EXPECT_DOUBLE_EQ(rankCorrelation(a, swapped), 0.8); // 1 - 6 * 2 / (4 * 15)
  EXPECT_NEAR(rankCorrelation(a, tied), 0.8944, 1e-4);
  const double flat[] = {1, 1, 1, 1};
  EXPECT_DOUBLE_EQ(rankCorrelation(a, flat), 0);
}

// What is written loads again with the same numbers, and every other line stays.
TEST(ProfileText, HoldsTheFittedConstants) {
  const std::string path = test::config("soc/ascend910b2.toml");
  std::ifstream stream(path);
  std::ostringstream content;
  content << stream.rdbuf();
  SocProfile soc = profile();
  soc.launchSeconds = 1.25e-6;
  soc.gmSharing.load = 0.0625;
  const CalibrationRange range{64, 512, 2048, 3, "a \"quoted\" source"};
  const std::vector<const Constant*> free = {findConstant("launch"),
                                             findConstant("gm_load_contention")};
  const auto text = withConstants(content.str(), soc, free, range, path);
  ASSERT_TRUE(text.ok()) << text.error().text();
  const test::TempDir directory;
  const std::string written = directory.path("fitted.toml");
  std::ofstream(written) << *text;
  const auto loaded = loadSoc(written);
  ASSERT_TRUE(loaded.ok()) << loaded.error().text();
  EXPECT_NE(loaded->hash, profile().hash);
  EXPECT_DOUBLE_EQ(loaded->launchSeconds, 1.25e-6);
  EXPECT_DOUBLE_EQ(loaded->gmSharing.load, 0.0625);
  EXPECT_EQ(loaded->gmSharing.store, soc.gmSharing.store);
  EXPECT_EQ(loaded->calibration.head, 64);
  EXPECT_EQ(loaded->calibration.coresMax, 3);
  EXPECT_EQ(loaded->calibration.source, "a \"quoted\" source");
  EXPECT_FALSE(withConstants("[constants]\n", soc, free, range, path).ok());
}

} // namespace
} // namespace ptotune::calibration
