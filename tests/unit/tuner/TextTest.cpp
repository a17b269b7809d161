#include "tuner/cli/Text.h"

#include "tuner/PointText.h"
#include "tuner/cli/ProgressLine.h"

#include <gmock/gmock.h>

#include <vector>

namespace ptotune::cli {
namespace {

using ::testing::ElementsAre;
using enum Table::Align;

TEST(Text, GroupsThousands) {
  const std::pair<std::uint64_t, const char*> cases[] = {
      {0, "0"}, {999, "999"}, {1000, "1,000"}, {86016, "86,016"}, {6341787648, "6,341,787,648"}};
  for (const auto& [number, text] : cases)
    EXPECT_EQ(grouped(number), text);
}

TEST(Text, CountsInWords) {
  EXPECT_EQ(counted(0, "rule"), "0 rules");
  EXPECT_EQ(counted(1, "rule"), "1 rule");
  EXPECT_EQ(counted(1234, "point"), "1,234 points");
}

TEST(Text, Durations) {
  const std::pair<double, const char*> cases[] = {
      {0.0, "0.0 s"},          {9.94, "9.9 s"},       {9.96, "10 s"},
      {119.4, "119 s"},        {119.6, "2 min 0 s"},  {725, "12 min 5 s"},
      {3599.4, "59 min 59 s"}, {3599.6, "1 h 0 min"}, {12000, "3 h 20 min"}};
  for (const auto& [seconds, text] : cases)
    EXPECT_EQ(duration(seconds), text);
}

TEST(Text, MicrosecondsAndRates) {
  EXPECT_EQ(microseconds(61.2e-6), "61.20");
  EXPECT_EQ(microseconds(1234.567e-6), "1,234.57");
  EXPECT_EQ(microseconds(0.999e-8), "0.01");
  // 4 * 1024 * 1024 * 128 = 536,870,912 operations in 100 us.
  EXPECT_EQ(teraflops({.head = 128, .s0 = 1024, .s1 = 1024}, 100e-6), "5.37");
}

TEST(Text, ShortTextNamesWhatDiffersFromTheDefaultPoint) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "the default point"},
      {"TILE_S1=512", "TILE_S1=512"},
      {"SlotNum=4", "SlotNum=4"},
      {"SlotNum=4,EXP_RING=8", "SlotNum=4,EXP_RING=8"},
      {"EXP_RING=4", "EXP_RING=4"},
      {"SlotNumP=4", "SlotNumP=4"},
      {"PIPE_MODEL=tile,VEC_ORDER=gu_first", "PIPE_MODEL=tile,VEC_ORDER=gu_first"},
      {"EN_UNIT_FLAG=0,TILE_S1=64,CUBE_S1=64", "TILE_S1=64,CUBE_S1=64,EN_UNIT_FLAG=0"},
  };
  for (const auto& [given, expected] : cases) {
    const auto point = given[0] ? Point::parse(given, Point()) : Result<Point>(Point());
    ASSERT_TRUE(point.ok()) << given;
    EXPECT_EQ(shortText(*point), expected);
  }
}

TEST(Text, ShortTextCanBeGivenBackAsAPoint) {
  for (const std::int64_t tile : {128, 256})
    for (const std::int64_t slots : {2, 8})
      for (const std::int64_t slotsP : {2, 8})
        for (const std::int64_t ring : {1, 2, 8}) {
          Point point;
          point.set(Param::tileS1, tile);
          point.set(Param::slotNumQK, slots);
          point.set(Param::slotNumP, slotsP);
          point.set(Param::slotNumPV, slots);
          point.set(Param::expRing, ring);
          if (point == Point())
            continue;
          const auto parsed = Point::parse(shortText(point), Point());
          ASSERT_TRUE(parsed.ok()) << parsed.error().text();
          EXPECT_EQ(*parsed, point) << shortText(point);
        }
}

TEST(Text, WrapsBehindCommasAndBlanks) {
  EXPECT_EQ(wrapped("A=1,B=2,C=3", 2, 80), "  A=1,B=2,C=3");
  EXPECT_EQ(wrapped("A=1,B=2,C=3", 2, 10), "  A=1,B=2,\n  C=3");
  EXPECT_EQ(wrapped("one two three", 0, 7), "one two\nthree");
  EXPECT_EQ(wrapped("one, two", 0, 4), "one,\ntwo");
  EXPECT_EQ(wrapped("of 36,444 points", 0, 6), "of\n36,444\npoints");
  EXPECT_EQ(wrapped("unbreakable short", 1, 6), " unbreakable\n short");
  EXPECT_EQ(wrapped("", 4, 20), "");
  EXPECT_EQ(wrapped("k_l1  32 B x 2, twice", 2, 14, 2), "  k_l1  32 B x\n    2, twice");
}

TEST(Text, TablePadsAndAligns) {
  Table table({right, left, right});
  table.row({"s1", "costs", "us"});
  table.row({"16384", "calibrated", "1.00"});
  table.row({"8", "x", ""});
  EXPECT_EQ(table.text(), "     s1  costs         us\n"
                          "  16384  calibrated  1.00\n"
                          "      8  x\n");
}

TEST(Text, TableThatIsTooWideIsStacked) {
  Table table({right, left, left});
  table.row({"s1", "costs", "best point"});
  table.row({"16384", "calibrated", "TILE_S1=512,QK_PRELOAD=3,SlotNum=6"});
  table.row({"8", "", "x"});
  EXPECT_THAT(table.text(60), testing::StartsWith("     s1  costs       best point\n"));
  EXPECT_EQ(table.text(40), "  s1          16384\n"
                            "  costs       calibrated\n"
                            "  best point  TILE_S1=512,QK_PRELOAD=3,\n"
                            "              SlotNum=6\n"
                            "\n"
                            "  s1          8\n"
                            "  best point  x\n");
}

TEST(Text, ProblemKeysAreTheOnesThatDiffer) {
  std::vector<Problem> problems = {{.s0 = 128, .s1 = 1024}, {.s0 = 128, .s1 = 2048}};
  const ProblemKeys same(problems);
  EXPECT_THAT(same.names, ElementsAre("s0", "s1"));
  EXPECT_EQ(same.common, "head 128, non-causal, f16");
  EXPECT_THAT(same.values(problems[1]), ElementsAre("128", "2048"));

  problems[1].head = 64;
  problems[1].causal = true;
  const ProblemKeys apart(problems);
  EXPECT_THAT(apart.names, ElementsAre("s0", "s1", "head", "causal"));
  EXPECT_EQ(apart.common, "f16");
  EXPECT_THAT(apart.values(problems[1]), ElementsAre("128", "2048", "64", "yes"));
}

TEST(Progress, TellsRateAndRemainingTime) {
  EXPECT_EQ(progressText(0, 1000, 3), "0 of 1,000 points, 0 %");
  EXPECT_EQ(progressText(250, 1000, 10), "250 of 1,000 points, 25 %, 25/s, 30 s left");
  EXPECT_EQ(progressText(5, 1000, 10), "5 of 1,000 points, 0 %, 0.5/s, 33 min 10 s left");
  EXPECT_EQ(progressText(1000, 1000, 10), "1,000 of 1,000 points, 100 %");
  EXPECT_EQ(progressText(0, 0, 0), "0 of 0 points");
  EXPECT_EQ(lookingText(250, 1000, 10),
            "looking at the space, 250 of 1,000 points, 25 %, 25/s, 30 s left");
}

// Runs a progress line against a file, which is no terminal.
std::string plainOutput(TuneProgress& progress, const std::function<void()>& meanwhile) {
  std::FILE* file = std::tmpfile();
  {
    const ProgressLine line(progress, file);
    meanwhile();
  }
  std::rewind(file);
  std::string text(4096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

TEST(Progress, SaysNothingOfShortRunsWhereThereIsNoTerminal) {
  TuneProgress progress;
  progress.total = 10;
  EXPECT_EQ(plainOutput(progress, [] {}), "");
}

TEST(Progress, SaysOnceThatItStops) {
  TuneProgress progress;
  progress.total = 10;
  const std::string text = plainOutput(progress, [&] {
    progress.stop = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(350));
  });
  EXPECT_EQ(text, "stopping: running measurements finish and are stored; again to end at once\n");
}

} // namespace
} // namespace ptotune::cli
