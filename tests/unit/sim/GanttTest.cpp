// Phases, windows, and both Gantt charts of the protocol skeleton of flash attention.
#include "runners/sim/view/Gantt.h"

#include "tests/unit/sim/FaSkeleton.h"
#include "tests/unit/sim/SimTest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace ptotune::sim {
namespace {

using testing::HasSubstr;
using testing::Not;

// Steady work of the skeleton: four stages of 100 cycles on pipes of their own.
class GanttTest : public testing::Test {
protected:
  void run(std::int64_t tiles, std::int64_t blocks = 1, const test::Skeleton& shape = {}) {
    test::faSkeleton(builder_, shape);
    soc_ = roundSoc();
    soc_.cubeCores = 1;
    soc_.crossCoreFlagCycles = 10;
    recording_ = std::make_unique<Recording>(builder_.program, soc_);
    result_ = simulate(builder_.program, soc_, problemOf(blocks, tiles), {}, recording_.get());
    phases_ = phasesOf(*recording_);
    gantt_ = makeGantt(*recording_, phases_);
  }

  ProgramBuilder builder_;
  SocProfile soc_;
  std::unique_ptr<Recording> recording_;
  SimResult result_;
  Phases phases_;
  Gantt gantt_;
};

TEST_F(GanttTest, PhasesOfEveryBlock) {
  run(32, 3);
  ASSERT_EQ(result_.outcome, Outcome::finished);
  EXPECT_EQ(phases_.firstStage, "QK");
  EXPECT_EQ(phases_.lastStage, "GU");
  ASSERT_EQ(phases_.blocks.size(), 3u);
  Tick reached = 0;
  for (const BlockSpan& block : phases_.blocks) {
    EXPECT_EQ(block.begin, reached);
    EXPECT_LE(block.begin, block.steady);
    EXPECT_LT(block.steady, block.drain);
    EXPECT_LT(block.drain, block.end);
    EXPECT_EQ(block.tiles.size(), 32u);
    reached = block.end;
  }
  EXPECT_LE(reached, recording_->end());
  EXPECT_EQ(recording_->end(), result_.ticks);
}

TEST_F(GanttTest, ThreeWindowsOfALongRun) {
  run(64);
  ASSERT_EQ(gantt_.windows.size(), 3u);
  EXPECT_EQ(gantt_.windows[0].title, "prologue");
  EXPECT_EQ(gantt_.windows[0].from, 0);
  EXPECT_EQ(gantt_.windows[0].to, phases_.blocks.front().steady);
  EXPECT_EQ(gantt_.windows[1].title, "steady");
  EXPECT_EQ(gantt_.windows[2].from, phases_.blocks.back().drain);
  EXPECT_EQ(gantt_.windows[2].to, recording_->end());
  EXPECT_LT(gantt_.windows[0].to, gantt_.windows[1].from);
  EXPECT_LT(gantt_.windows[1].to, gantt_.windows[2].from);
}

// The period is exact: the work of one shown period is that of the next.
TEST_F(GanttTest, PeriodRepeats) {
  run(64);
  ASSERT_GT(gantt_.periodTiles, 0);
  ASSERT_GE(gantt_.periods.size(), 2u);
  const Tick period = gantt_.periods[1] - gantt_.periods[0];
  for (std::size_t i = 2; i < gantt_.periods.size(); ++i)
    EXPECT_EQ(gantt_.periods[i] - gantt_.periods[i - 1], period);
  const Tick begin = gantt_.periods[0];
  std::map<int, std::vector<Tick>> first, second;
  for (const Work& work : recording_->works()) {
    if (work.start >= begin && work.start < begin + period)
      first[work.what.core].push_back(work.start - begin);
    if (work.start >= begin + period && work.start < begin + 2 * period)
      second[work.what.core].push_back(work.start - begin - period);
  }
  for (auto* starts : {&first, &second})
    for (auto& [core, times] : *starts)
      std::ranges::sort(times);
  EXPECT_EQ(first, second);
  EXPECT_FALSE(first.empty());
}

TEST_F(GanttTest, ShortRunIsShownWhole) {
  for (const std::int64_t tiles : {1, 3, 5}) {
    ProgramBuilder fresh;
    test::faSkeleton(fresh, {});
    Recording recording(fresh.program, roundSoc());
    simulate(fresh.program, roundSoc(), problemOf(1, tiles), {}, &recording);
    const Gantt gantt = makeGantt(recording, phasesOf(recording));
    ASSERT_EQ(gantt.windows.size(), 1u) << tiles;
    EXPECT_EQ(gantt.windows[0].from, 0);
    EXPECT_EQ(gantt.windows[0].to, recording.end());
  }
}

TEST_F(GanttTest, BarsAreWhatThePipesDo) {
  run(16);
  Tick busy = 0;
  for (const GanttLane& lane : gantt_.lanes) {
    Tick reached = 0;
    for (const GanttBar& bar : lane.bars) {
      EXPECT_GE(bar.start, reached);
      ASSERT_FALSE(bar.busy.empty());
      EXPECT_EQ(bar.busy.front().first, bar.start);
      EXPECT_EQ(bar.busy.back().second, bar.end);
      reached = bar.end;
      for (const auto& [from, to] : bar.busy)
        busy += to - from;
    }
  }
  double cycles = 0;
  for (const CoreStats& core : result_.cores)
    for (std::size_t p = 0; p < kPipeCount; ++p)
      cycles += static_cast<Pipe>(p) == Pipe::s ? 0 : core.pipes[p].busyCycles;
  EXPECT_EQ(toCycles(busy), cycles);
  EXPECT_EQ(gantt_.stages, (std::vector<std::string>{"QK", "P", "PV", "GU"}));
}

// --- SVG ---------------------------------------------------------------------------------------

struct Label {
  double x, y;
  std::string text;
  std::string classes;

  // By the widths of DejaVu Sans at 11 px, on the wide side.
  double width() const { return static_cast<double>(text.size()) * 6.8; }
  double left() const {
    const bool middle = classes.find('m') != std::string::npos;
    const bool end = classes.find('e') != std::string::npos;
    return x - (middle ? width() / 2 : end ? width() : 0);
  }
};

std::vector<Label> labelsOf(const std::string& svg) {
  static const std::regex pattern(
      R"re(<text x="([-0-9.]+)" y="([-0-9.]+)"(?: class="([a-z ]*)")?>([^<]*)</text>)re");
  std::vector<Label> labels;
  for (auto at = std::sregex_iterator(svg.begin(), svg.end(), pattern);
       at != std::sregex_iterator(); ++at)
    labels.push_back({std::stod((*at)[1]), std::stod((*at)[2]), (*at)[4], (*at)[3]});
  return labels;
}

// Every element that is opened is closed.
void expectWellFormed(const std::string& svg) {
  static const std::regex tag("<(/?)([a-z]+)[^<>]*?(/?)>");
  std::vector<std::string> open;
  for (auto at = std::sregex_iterator(svg.begin(), svg.end(), tag); at != std::sregex_iterator();
       ++at) {
    if ((*at)[3] == "/")
      continue;
    if ((*at)[1] == "/") {
      ASSERT_FALSE(open.empty());
      ASSERT_EQ(open.back(), (*at)[2]);
      open.pop_back();
    } else {
      open.push_back((*at)[2]);
    }
  }
  EXPECT_TRUE(open.empty());
}

TEST_F(GanttTest, SvgShowsTheWindows) {
  run(64);
  const std::string svg = ganttSvg(gantt_, "a < b & \"c\"");
  expectWellFormed(svg);
  EXPECT_THAT(svg, HasSubstr("<title>a &lt; b &amp; &quot;c&quot;</title>"));
  EXPECT_THAT(svg, HasSubstr("width=\"1200\""));
  EXPECT_THAT(svg, HasSubstr("@media (prefers-color-scheme: dark)"));
  for (const char* title : {">prologue<", ">steady, repeats every ", ">epilogue<", ">QK<", ">GU<",
                            ">AIC<", ">AIV0<", ">AIV1<", ">MTE2<", ">FIX<", ">us<"})
    EXPECT_THAT(svg, HasSubstr(title));
  EXPECT_THAT(svg, HasSubstr(">QK 0<"));
}

TEST_F(GanttTest, SvgTextDoesNotOverlap) {
  for (const std::int64_t tiles : {2, 6, 64, 300}) {
    ProgramBuilder fresh;
    test::faSkeleton(fresh, {});
    Recording recording(fresh.program, roundSoc());
    simulate(fresh.program, roundSoc(), problemOf(1, tiles), {}, &recording);
    auto labels = labelsOf(ganttSvg(makeGantt(recording, phasesOf(recording)), "caption"));
    ASSERT_GT(labels.size(), 20u);
    std::map<double, std::vector<Label>> lines;
    for (const Label& label : labels)
      lines[label.y].push_back(label);
    for (auto& [y, line] : lines) {
      std::ranges::sort(line, {}, [](const Label& label) { return label.left(); });
      for (std::size_t i = 1; i < line.size(); ++i)
        EXPECT_LE(line[i - 1].left() + line[i - 1].width(), line[i].left() + 2)
            << tiles << " tiles, y " << y << ": '" << line[i - 1].text << "' and '" << line[i].text
            << "'";
      EXPECT_LE(line.back().left() + line.back().width(), 1200) << line.back().text;
    }
  }
}

// --- Text --------------------------------------------------------------------------------------

TEST_F(GanttTest, TextFitsTheTerminal) {
  run(64);
  for (const std::size_t width : {48u, 60u, 80u, 132u, 200u}) {
    const std::string text = ganttText(gantt_, {width, false});
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    std::istringstream lines(text);
    std::size_t rows = 0;
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), width) << line;
      rows += line.starts_with("AI") ? 1 : 0;
    }
    EXPECT_EQ(rows, gantt_.lanes.size());
    for (const char* part : {"prologue", "steady", "epilogue", "Q QK", "small: odd tiles"})
      EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST_F(GanttTest, TextColoursOnlyWhereTheyAreWanted) {
  run(64);
  const std::string plain = ganttText(gantt_, {100, false});
  const std::string coloured = ganttText(gantt_, {100, true});
  EXPECT_THAT(coloured, HasSubstr("\x1b[34m"));
  static const std::regex escape("\x1b\\[[0-9]*m");
  EXPECT_EQ(std::regex_replace(coloured, escape, ""), plain);
}

} // namespace
} // namespace ptotune::sim
