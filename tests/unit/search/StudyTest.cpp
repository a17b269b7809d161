// Reading recorded spaces, replaying them, and what a study writes.
#include "tests/support/TempFile.h"
#include "tests/unit/search/SearchTest.h"
#include "tuner/search/study/Gzip.h"
#include "tuner/search/study/Output.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <zlib.h>

using namespace ptotune;
using namespace ptotune::search;
using ptotune::test::TempDir;
using testing::HasSubstr;

namespace {

constexpr const char* kSpace = R"({"ConfigurationSpace": {
  "TuningParameters": [{"Name": "x", "Type": "int", "Values": "[1, 2, 4, 8]"},
                       {"Name": "y", "Type": "int", "Values": "[0, 1, 2, 3, 4]"}],
  "Conditions": [{"Expression": "x * y <= 16", "Parameters": ["x", "y"]}]}})";

std::string result(int x, int y, bool valid = true) {
  return fmt::format(R"({{"configuration": {{"x": {}, "y": {}}}, "invalidity": "{}",
    "times": {{"compilation": 500, "framework": 10, "search_algorithm": 999, "validation": 0,
               "runtimes": [100, 200]}},
    "measurements": [{{"name": "power", "value": 7}}, {{"name": "time", "value": {}}}],
    "objectives": ["time"]}})",
                     x, y, valid ? "correct" : "runtime",
                     valid ? fmt::format("{}", 10 + (x - 4) * (x - 4) + (y - 2) * (y - 2))
                           : "\"RuntimeFailedConfig\"");
}

// All 18 configurations but x = 1, y = 4; x = 8 fails.
std::string results() {
  std::string list;
  for (const int x : {8, 4, 2, 1})
    for (int y = 0; y <= 4; ++y)
      if (x * y <= 16 && (x != 1 || y != 4))
        list += (list.empty() ? "" : ",") + result(x, y, x != 8);
  return R"({"metadata": {"timeunit": "miliseconds"}, "results": [)" + list + "]}";
}

void write(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << text;
}

class StudyFiles : public testing::Test {
protected:
  StudyFiles() {
    write(directory_.path("kernel/T1.json"), kSpace);
    write(directory_.path("kernel/one_T4.json"), results());
  }

  Result<std::vector<Recording>> read() { return readRecordings(directory_.path("")); }

  TempDir directory_;
};

TEST_F(StudyFiles, ARecordingHoldsOutcomesByConfiguration) {
  const auto recordings = read();
  ASSERT_TRUE(recordings) << recordings.error().text();
  ASSERT_EQ(recordings->size(), 1U);
  const Recording& recording = recordings->front();
  EXPECT_EQ(recording.name, "kernel/one");
  ASSERT_EQ(recording.space->size(), 18U);
  EXPECT_EQ(recording.results, 17U);
  for (Index index = 0; index < recording.space->size(); ++index) {
    const std::string text = recording.space->text(index);
    const Outcome& outcome = recording.outcomes[index];
    if (text == "x=1,y=4") { // nobody recorded it
      EXPECT_EQ(recording.positions[index], Recording::kNowhere);
      EXPECT_FALSE(outcome.value);
      EXPECT_EQ(outcome.cost, 0);
      continue;
    }
    EXPECT_NEAR(outcome.cost, 0.81, 1e-12) << text; // seconds, without the search's own
    EXPECT_EQ(outcome.value.has_value(), !text.starts_with("x=8")) << text;
    if (text == "x=2,y=3") {
      EXPECT_EQ(outcome.value, 15);
      EXPECT_EQ(recording.positions[index], 3U + 5U + 3U);
    }
  }
}

TEST_F(StudyFiles, PackedResultsAreTheSame) {
  const std::string path = directory_.path("kernel/two_T4.json.gz");
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_GT(gzwrite(file, results().data(), static_cast<unsigned>(results().size())), 0);
  gzclose(file);
  EXPECT_EQ(*readMaybeGzip(path), *readMaybeGzip(directory_.path("kernel/one_T4.json")));
  const auto recordings = read();
  ASSERT_TRUE(recordings) << recordings.error().text();
  ASSERT_EQ(recordings->size(), 2U);
  EXPECT_EQ((*recordings)[0].positions, (*recordings)[1].positions);
}

TEST_F(StudyFiles, DamagedPackedFilesAreErrors) {
  const std::string path = directory_.path("kernel/two_T4.json.gz");
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_GT(gzwrite(file, results().data(), static_cast<unsigned>(results().size())), 0);
  gzclose(file);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  const auto recordings = read();
  ASSERT_FALSE(recordings);
  EXPECT_EQ(recordings.error().file, path);
}

TEST_F(StudyFiles, WrongResultsAreErrorsThatNameThePlace) {
  struct Case {
    std::string results;
    const char* key;
    const char* message;
  };
  const auto file = [](const std::string& list) { return R"({"results": [)" + list + "]}"; };
  const Case cases[] = {
      {"[]", "", "no JSON object"},
      {"{}", "results", "missing or wrong"},
      {R"({"metadata": {"timeunit": "days"}, "results": []})", "metadata.timeunit", "wrong"},
      {file("3"), "results[0].", "missing or wrong"},
      {file(result(1, 1) + "," + result(3, 1)), "results[1].configuration", "no configuration"},
      {file(result(8, 4)), "results[0].configuration", "no configuration"},
      {file(result(1, 1) + "," + result(1, 1)), "results[1].configuration", "of one"},
      {file(R"({"configuration": {"x": 1, "y": 1}, "times": {}})"), "results[0].invalidity",
       "wrong"},
      {file(R"({"configuration": {"x": 1, "y": 1}, "times": {}, "invalidity": "correct"})"),
       "results[0].measurements", "wrong"},
      {file(R"({"configuration": {"x": 1, "y": 1}, "times": {"compilation": "3"}})"),
       "results[0].times", "wrong"},
  };
  for (const Case& one : cases) {
    write(directory_.path("kernel/one_T4.json"), one.results);
    const auto recordings = read();
    ASSERT_FALSE(recordings) << one.results;
    EXPECT_EQ(recordings.error().key, one.key) << one.results;
    EXPECT_EQ(recordings.error().file, directory_.path("kernel/one_T4.json"));
  }
}

TEST_F(StudyFiles, AFolderWithoutSpacesIsAnError) {
  const auto recordings = readRecordings(directory_.path("kernel/none"));
  ASSERT_FALSE(recordings);
  const auto filtered = readRecordings(directory_.path(""), "other");
  ASSERT_FALSE(filtered);
  EXPECT_THAT(filtered.error().expected, HasSubstr("T1.json"));
}

std::vector<Entrant> entrants() {
  std::vector<Entrant> list;
  for (const char* name : {"genetic", "random"})
    list.push_back({name, (*findSearcher(name))->make});
  return list;
}

// A space large enough to be scored.
Recording smallRecording() {
  const auto space = search::test::smallSpace();
  Recording recording{.name = "small/one", .space = space, .results = space->size()};
  for (Index index = 0; index < space->size(); ++index) {
    recording.outcomes.push_back(search::test::evaluate(*space, index));
    recording.positions.push_back(index);
  }
  return recording;
}

TEST(Study, DoesNotDependOnThreadsOrOnTheNumberOfRepeats) {
  const Recording recordings[] = {smallRecording()};
  const auto one =
      runStudy(recordings, entrants(), {.repeats = 30, .threads = 1, .keepRuns = true});
  const auto two =
      runStudy(recordings, entrants(), {.repeats = 40, .threads = 3, .keepRuns = true});
  ASSERT_TRUE(one && two);
  for (std::size_t e = 0; e < 2; ++e)
    for (std::size_t r = 0; r < 30; ++r) {
      const auto& a = one->entries[e].runs[r].steps;
      const auto& b = two->entries[e].runs[r].steps;
      ASSERT_EQ(a.size(), b.size());
      for (std::size_t i = 0; i < a.size(); ++i)
        EXPECT_EQ(a[i].index, b[i].index);
    }
}

TEST(Study, RunsEndAtTheOptimumOrTheLimit) {
  const Recording recording = smallRecording();
  const auto stick = Yardstick::make(recording);
  ASSERT_TRUE(stick);
  const auto result =
      runStudy(std::span(&recording, 1), entrants(), {.repeats = 50, .keepRuns = true});
  ASSERT_TRUE(result);
  for (const StudyEntry& entry : result->entries)
    for (const ReplayRun& run : entry.runs) {
      double time = 0;
      for (const ReplayRun::Step& step : run.steps) {
        EXPECT_LT(time, stick->limit());
        time += recording.outcomes[step.index].cost;
      }
      EXPECT_NEAR(time, run.simulatedSeconds, 1e-9);
      EXPECT_TRUE(time >= stick->limit() ||
                  recording.outcomes[run.steps.back().index].value == stick->optimum());
    }
}

TEST(Study, IntervalsHoldTheScoreAndTotalsAreMeans) {
  const Recording recording = smallRecording();
  Recording other = smallRecording();
  other.name = "small/two";
  for (Outcome& outcome : other.outcomes)
    if (outcome.value)
      outcome.value = *outcome.value * *outcome.value;
  const Recording recordings[] = {recording, other};
  const auto result = runStudy(recordings, entrants(), {.repeats = 60});
  ASSERT_TRUE(result);
  ASSERT_EQ(result->entries.size(), 4U);
  for (const StudyEntry& entry : result->entries) {
    EXPECT_LE(entry.interval.low, entry.score);
    EXPECT_GE(entry.interval.high, entry.score);
    EXPECT_LT(entry.interval.high - entry.interval.low, 1);
    EXPECT_EQ(entry.curve.size(), Yardstick::kPoints);
    EXPECT_TRUE(entry.runs.empty());
  }
  EXPECT_NEAR(result->totals[0].score, (result->entries[0].score + result->entries[1].score) / 2,
              1e-12);
  EXPECT_EQ(result->totals[1].searcher, "random");
}

TEST(Study, EvaluationsToATargetAreCounted) {
  const Recording recording = smallRecording();
  ReplayRun run;
  for (Index index = 0; index < recording.outcomes.size(); ++index)
    run.steps.push_back({index, 0});
  const auto count = evaluationsTo(run, recording, 1.0);
  ASSERT_TRUE(count);
  EXPECT_EQ(recording.outcomes[*count - 1].value, 1.0);
  EXPECT_EQ(evaluationsTo(run, recording, 0.5), std::nullopt);
}

TEST(Study, TracesNameTheResultsPlaces) {
  const TempDir directory;
  Recording recording = smallRecording();
  // As if the results had been written backwards, and one left out.
  for (Index index = 0; index < recording.positions.size(); ++index)
    recording.positions[index] = recording.positions.size() - 1 - index;
  const auto result =
      runStudy(std::span(&recording, 1), entrants(), {.repeats = 2, .keepRuns = true});
  ASSERT_TRUE(result);
  ASSERT_TRUE(writeTraces(directory.path(""), std::span(&recording, 1), *result));
  std::ifstream file(directory.path("genetic/small__one.csv"));
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "run,cfg,wall");
  const ReplayRun& run = result->entries[0].runs[0];
  for (const ReplayRun::Step& step : run.steps) {
    std::getline(file, line);
    EXPECT_THAT(line, testing::StartsWith(fmt::format("0,{},", 111 - step.index)));
  }
  std::getline(file, line);
  EXPECT_THAT(line, testing::StartsWith("1,"));
}

TEST(Study, ThePictureHasAPanelPerSpaceAndALinePerStrategy) {
  const Recording recording = smallRecording();
  const auto result = runStudy(std::span(&recording, 1), entrants(), {.repeats = 5});
  ASSERT_TRUE(result);
  const std::string svg = drawStudy(std::span(&recording, 1), *result);
  EXPECT_TRUE(svg.starts_with("<svg xmlns="));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr(">small/one</text>"));
  EXPECT_THAT(svg, HasSubstr("class=\"zero\""));
  std::size_t lines = 0;
  for (std::size_t at = svg.find("<polyline"); at != std::string::npos;
       at = svg.find("<polyline", at + 1))
    ++lines;
  EXPECT_EQ(lines, 2U);
}

} // namespace
