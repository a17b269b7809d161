// Which champions a program gets, and the formats that carry them.
#include "db/configurations/Winners.h"

#include "DbTest.h"
#include "space/Rules.h"
#include "tests/support/Paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace ptotune::test {
namespace {

using testing::HasSubstr;

Point tuned(std::int64_t tileS1) {
  Point point;
  point.set(Param::tileS1, tileS1);
  return point;
}

// A point whose program is that of `equal`: stored as a trial without a time of its own.
Trial prunedAs(const Problem& problem, const Point& point, const Point& equal) {
  Trial trial = failedTrial(problem, point, TrialStatus::pruned, "equal program");
  trial.sourceHash = Hash::of(point.text());
  trial.programHash = Hash::of("program " + equal.text());
  return trial;
}

class Winners : public testing::Test {
protected:
  std::vector<HeaderEntry> entries(const WinnerFilter& filter = {}) {
    Profiles profiles(config(""));
    auto found = winnerEntries(database_, filter, profiles);
    EXPECT_TRUE(found) << found.error().text();
    unknown_ = found->unknownSocs;
    return std::move(found->entries);
  }
  void record(const Environment& environment, const std::vector<Trial>& trials) {
    mustRecord(database_, mustBegin(database_, environment), trials);
  }

  TempDir directory_;
  Database database_ = mustOpen(directory_.path("w.db"));
  std::vector<std::string> unknown_;
};

TEST_F(Winners, OnePerSocAndProblemADeviceFirst) {
  const Problem shape = problem(128, 1024);
  Environment newer = deviceEnvironment();
  newer.runnerVersion = "3";
  Environment other = simEnvironment();
  other.soc = "Ascend910B3";
  record(deviceEnvironment(), {correctTrial(shape, tuned(512), {5e-6})});
  record(newer, {correctTrial(shape, tuned(128), {7e-6})});
  record(simEnvironment(), {correctTrial(shape, tuned(256), {1e-6}),
                            correctTrial(problem(128, 2048), tuned(256), {2e-6})});
  record(other, {correctTrial(shape, tuned(64), {3e-6})});

  std::vector<std::string> found;
  for (const HeaderEntry& one : entries())
    found.push_back(fmt::format("{} {} {} {}", one.champion.environment.soc,
                                one.champion.problem.s1, one.champion.environment.runner,
                                one.champion.point.tileS1()));
  EXPECT_THAT(found, testing::ElementsAre("Ascend910B2 1024 ascend 128", "Ascend910B2 2048 sim 256",
                                          "Ascend910B3 1024 sim 64"));
  EXPECT_EQ(entries({.soc = "Ascend910B3"}).size(), 1U);
  EXPECT_EQ(entries({.runner = "sim"}).size(), 3U);
  EXPECT_EQ(entries({.problems = {problem(128, 2048)}}).size(), 1U);
  const std::string digits = deviceEnvironment().hash().hex().substr(0, 8);
  ASSERT_EQ(entries({.environment = digits}).size(), 1U);
  EXPECT_EQ(entries({.environment = digits}).front().champion.point.tileS1(), 512);
}

TEST_F(Winners, AnEnvironmentThatIsNotThereIsAnError) {
  record(simEnvironment(), {correctTrial(problem(128, 1024), Point(), {1e-6})});
  const auto found = winners(database_, {.environment = "zz"});
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().text(), HasSubstr("no such environment"));
}

TEST_F(Winners, TheDefaultAndTheManualPointMayHaveTheTimeOfAnEqualProgram) {
  const Problem shape = problem(128, 8192);
  Point free; // the manual kernel has no other ring depths
  free.set(Param::slotNumQK, 6);
  Point equalToDefault;
  equalToDefault.set(Param::localSlotNum, 4);
  record(simEnvironment(),
         {correctTrial(shape, free, {4e-6}), correctTrial(shape, equalToDefault, {6e-6}),
          correctTrial(shape, tuned(512), {9e-6}), prunedAs(shape, Point(), equalToDefault),
          failedTrial(shape, tuned(128), TrialStatus::hang, "stuck")});
  const auto found = entries();
  ASSERT_EQ(found.size(), 1U);
  const HeaderEntry& one = found.front();
  EXPECT_EQ(one.champion.point, free);
  EXPECT_EQ(one.defaultSeconds, 6e-6);
  ASSERT_TRUE(one.manual);
  EXPECT_EQ(one.manual->seconds, 6e-6);
  EXPECT_EQ(one.manual->point, std::min(Point(), equalToDefault));
  EXPECT_EQ(one.reach.maxTiles, kNoLimit);
  EXPECT_TRUE(unknown_.empty());
}

TEST_F(Winners, WithoutAProfileAnEntryAnswersForItsOwnShapeOnly) {
  Environment unknown = deviceEnvironment();
  unknown.soc = "Ascend9000";
  record(unknown, {correctTrial(problem(128, 1024), Point(), {4e-6})});
  const auto found = entries();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().reach, Reach());
  EXPECT_FALSE(found.front().manual);
  EXPECT_EQ(found.front().defaultSeconds, 4e-6);
  EXPECT_THAT(unknown_, testing::ElementsAre("Ascend9000"));
}

class Formats : public Winners {
protected:
  HeaderInput input() {
    Environment odd = deviceEnvironment();
    odd.soc = "Chip \"9\"; ${X} ]] \\";
    record(odd, {correctTrial(problem(256, 2048), tuned(512), {0.1e-6, 0.3e-6})});
    record(simEnvironment(), {correctTrial(problem(128, 8192), tuned(512), {4e-6}),
                              correctTrial(problem(128, 8192), Point(), {6e-6})});
    const Status done = database_.recordProof(mustBegin(database_), problem(128, 8192),
                                              proofOf("narrow", 98304, 3e-6));
    EXPECT_TRUE(done) << done.error().text();
    return {.toolVersion = "0.1.0", .fallback = Point(), .entries = entries()};
  }
};

TEST_F(Formats, JsonHasStableKeys) {
  const HeaderInput all = input();
  const auto json = nlohmann::json::parse(renderConfigurationsJson(all));
  EXPECT_EQ(json["format"], "pto-tune configurations");
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["default"]["TILE_S1"], 256);
  ASSERT_EQ(json["entries"].size(), 2U);
  const auto& entry = json["entries"][0];
  std::vector<std::string> keys;
  for (const auto& [key, value] : entry.items())
    keys.push_back(key);
  EXPECT_THAT(keys,
              testing::ElementsAre("costs", "default_seconds", "environment", "interval", "manual",
                                   "point", "problem", "program_hash", "proof", "reach", "samples",
                                   "seconds", "soc", "source_hash", "ties", "trials"));
  EXPECT_EQ(entry["proof"],
            nlohmann::json::parse(fmt::format(R"({{"bound": 3e-6, "gap": 0.25, "points": 98304,)"
                                              R"( "space": "narrow", "space_hash": "{}"}})",
                                              Hash::of("narrow").hex())));
  EXPECT_FALSE(json["entries"][1].contains("proof"));
  EXPECT_EQ(entry["problem"]["s1"], 8192);
  EXPECT_EQ(entry["point"]["TILE_S1"], 512);
  EXPECT_EQ(entry["manual"]["point"]["TILE_S1"], 512);
  EXPECT_EQ(entry["default_seconds"], 6e-6);
  EXPECT_EQ(json["entries"][1]["seconds"], 0.2e-6);
  EXPECT_FALSE(json["entries"][1].contains("reach"));
  ASSERT_EQ(json["environments"].size(), 2U);
  EXPECT_EQ(json["environments"][0]["id"], entry["environment"]);
}

TEST_F(Formats, EqualContentGivesEqualBytes) {
  HeaderInput all = input();
  for (const auto render :
       {renderConfigurationsJson, renderConfigurationsToml, renderConfigurationsCmake}) {
    const std::string text = render(all);
    std::ranges::reverse(all.entries);
    for (HeaderEntry& entry : all.entries)
      ++entry.champion.lastRecorded;
    EXPECT_EQ(render(all), text);
  }
}

// The TOML and the JSON, read by other programs, hold the same.
TEST_F(Formats, TomlSaysWhatJsonSays) {
  if (std::system("python3 -c 'import tomllib' 2>/dev/null") != 0)
    GTEST_SKIP() << "python3 with tomllib is not installed: the TOML is not read back";
  const HeaderInput all = input();
  directory_.write("a.json", renderConfigurationsJson(all));
  directory_.write("a.toml", renderConfigurationsToml(all));
  directory_.write("same.py", "import json, tomllib\n"
                              "assert json.load(open('a.json')) == tomllib.load(open('a.toml', "
                              "'rb'))\n");
  EXPECT_EQ(std::system(fmt::format("cd '{}' && python3 same.py", directory_.path("")).c_str()), 0);
}

TEST_F(Formats, CmakeReadsItsVariables) {
  if (std::system("command -v cmake >/dev/null") != 0)
    GTEST_SKIP() << "cmake is not installed: its format is not read back";
  directory_.write("a.cmake", renderConfigurationsCmake(input()));
  directory_.write("read.cmake", R"cmake(
include(a.cmake)
list(GET PTO_TUNE_ENTRIES 0 first)
list(GET PTO_TUNE_ENTRIES 1 second)
list(LENGTH PTO_TUNE_ENTRIES count)
message("${count} ${first} ${PTO_TUNE_${first}_s1} ${PTO_TUNE_${first}_TILE_S1}")
message("${PTO_TUNE_${first}_proof_gap} '${PTO_TUNE_${second}_proof_gap}'")
message("${PTO_TUNE_${second}_soc}|${PTO_TUNE_${second}_samples}|${PTO_TUNE_default_TILE_S1}")
)cmake");
  ASSERT_EQ(
      std::system(fmt::format("cd '{}' && cmake -P read.cmake 2>out", directory_.path("")).c_str()),
      0);
  EXPECT_EQ(readBytes(directory_.path("out")),
            "2 Ascend910B2_h128_s128_s8192 8192 512\n0.25 ''\nChip \"9\"; ${X} ]] \\|2|256\n");
}

} // namespace
} // namespace ptotune::test
