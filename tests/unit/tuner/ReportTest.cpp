// The parts of the report and of diff that need no database.
#include "tuner/diff/Changes.h"
#include "tuner/report/Assets.h"
#include "tuner/report/Columns.h"
#include "tuner/report/Page.h"

#include <gmock/gmock.h>

#include <array>

namespace ptotune {
namespace {

Point parsed(const char* text) {
  return *Point::parse(text, Point());
}

TEST(Report, ColumnsAreTheParametersThatDiffer) {
  const Point usual;
  const Point deeper = parsed("SlotNum=4");
  const Point wider = parsed("TILE_S1=512");
  const std::array<const Point*, 3> points = {&usual, &deeper, &wider};
  const auto columns = report::columnsOf(points);
  ASSERT_EQ(columns.size(), 2u);
  EXPECT_EQ(columns[0].name, "TILE_S1");
  EXPECT_THAT(columns[0].values, testing::ElementsAre(256, 512));
  EXPECT_EQ(columns[1].name, "SlotNum") << "three depths and EXP_RING are one column";
  EXPECT_THAT(columns[1].values, testing::ElementsAre(4, 8));
  EXPECT_EQ(report::levelOf(columns[1], deeper), 0u);
  EXPECT_EQ(report::levelOf(columns[0], wider), 1u);
  EXPECT_EQ(report::levelOf(columns[0], parsed("TILE_S1=1024")), std::nullopt);
  const std::string fixed = report::fixedText(points, columns);
  EXPECT_THAT(fixed, testing::HasSubstr("CUBE_S1=128"));
  EXPECT_THAT(fixed, testing::Not(testing::HasSubstr("EXP_RING")));
}

TEST(Report, DepthsOfTheirOwnAreColumns) {
  const Point usual;
  const Point apart = parsed("SlotNumQK=4");
  const std::array<const Point*, 2> points = {&usual, &apart};
  const auto columns = report::columnsOf(points);
  ASSERT_EQ(columns.size(), 1u);
  EXPECT_EQ(columns[0].name, "SlotNumQK");
}

TEST(Report, TextIsEscaped) {
  EXPECT_EQ(report::escapedHtml("<a href='x'>\"&\"</a>"),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
  EXPECT_EQ(report::escapedJson(R"({"a":"</script><!--"})"), R"({"a":"\u003c/script>\u003c!--"})");
}

TEST(Report, AnEmptyReportIsAPage) {
  const std::string page = report::renderPage({.database = "no.db"});
  EXPECT_THAT(page, testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(page, testing::HasSubstr("Redistribution and use in source and binary forms"));
  EXPECT_THAT(page, testing::Not(testing::HasSubstr("@DATA@")));
  EXPECT_EQ(page, report::renderPage({.database = "no.db"}));
  EXPECT_EQ(report::asset("nothing.js"), "");
}

TEST(Diff, ChangesNameWhatDiffers) {
  const auto texts = [](const char* from, const char* to) {
    std::vector<std::string> all;
    for (const Change& change : changesOf(parsed(from), parsed(to)))
      all.push_back(change.parameter + " " + change.from + " -> " + change.to);
    return all;
  };
  EXPECT_THAT(texts("SlotNum=8", "SlotNum=8"), testing::IsEmpty());
  EXPECT_THAT(texts("TILE_S1=256,SlotNum=8", "TILE_S1=512,SlotNum=4"),
              testing::ElementsAre("TILE_S1 256 -> 512", "SlotNum 8 -> 4"));
  EXPECT_THAT(texts("SlotNum=8", "SlotNumP=4"), testing::ElementsAre("SlotNumP 8 -> 4"));
  EXPECT_THAT(texts("SlotNum=8", "SlotNum=4,EXP_RING=8"), testing::ElementsAre("SlotNum 8 -> 4"));
  EXPECT_THAT(texts("SlotNum=8", "SlotNum=8,EXP_RING=9"), testing::ElementsAre("EXP_RING 8 -> 9"));
  EXPECT_THAT(texts("VEC_ORDER=p_first", "VEC_ORDER=gu_first"),
              testing::ElementsAre("VEC_ORDER p_first -> gu_first"));
}

} // namespace
} // namespace ptotune
