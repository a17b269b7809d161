// Records in the T4 results format and back, and files that are malformed.
#include "ExchangeRecords.h"

#include <nlohmann/json.hpp>

#include <regex>
#include <set>

namespace ptotune::test {
namespace {

using nlohmann::json;

// The rules of both published schemas: results-schema.json on branch T4 of
// github.com/odgaard/TuningSchema, of which 1.0.0 is the example, and the 1.1.0 of T4.json in
// github.com/AutoTuningAssociation/autotuning_methodology (15c1ebb3). Where they differ, the
// stricter one: a measured value is a number (1.0.0), time units and correctness come from a list
// (1.1.0).
void expectPublishedRules(const json& whole) {
  ASSERT_TRUE(whole.is_object());
  EXPECT_TRUE(std::regex_match(whole["schema_version"].get<std::string>(),
                               std::regex("[0-9]+\\.[0-9]+\\.[0-9]+")));
  const std::set<std::string> units = {"nanoseconds", "microseconds", "milliseconds", "seconds"};
  ASSERT_TRUE(whole["metadata"].is_object());
  EXPECT_TRUE(units.contains(whole["metadata"].at("timeunit").get<std::string>()));
  for (const char* key : {"compute_api", "platform", "device", "autotuner", "autotuner_version"})
    EXPECT_FALSE(whole["metadata"].contains(key)) << key << " has rules of its own";
  ASSERT_TRUE(whole["results"].is_array());
  const std::set<std::string> verdicts = {"timeout",     "compile",     "runtime",
                                          "correctness", "constraints", "correct"};
  for (const json& result : whole["results"]) {
    for (const char* key : {"configuration", "times", "invalidity", "correctness"})
      ASSERT_TRUE(result.contains(key)) << key;
    EXPECT_TRUE(result.at("timestamp").is_string());
    EXPECT_TRUE(result.at("configuration").is_object());
    EXPECT_TRUE(result.at("objectives").is_array());
    for (const json& objective : result.at("objectives"))
      EXPECT_TRUE(objective.is_string());
    EXPECT_TRUE(verdicts.contains(result.at("invalidity").get<std::string>()));
    EXPECT_TRUE(result.at("correctness") == 0 || result.at("correctness") == 1);
    ASSERT_TRUE(result.at("times").is_object());
    for (const auto& [key, value] : result.at("times").items()) {
      if (key != "runtimes") {
        EXPECT_TRUE(value.is_number()) << key;
        continue;
      }
      ASSERT_TRUE(value.is_array());
      for (const json& runtime : value)
        EXPECT_TRUE(runtime.is_number());
    }
    ASSERT_TRUE(result.at("measurements").is_array());
    for (const json& measurement : result.at("measurements")) {
      EXPECT_TRUE(measurement.at("name").is_string());
      EXPECT_TRUE(measurement.at("value").is_number());
      EXPECT_TRUE(measurement.at("unit").is_string());
    }
    EXPECT_FALSE(result.contains("compilation_data"));
  }
}

TEST(T4, FollowsThePublishedRules) {
  const T4Text t4 = mustRenderT4(forT4());
  EXPECT_EQ(t4.pruned, 1u);
  const json whole = json::parse(t4.text);
  expectPublishedRules(whole);
  ASSERT_EQ(whole["results"].size(), 7u);
  std::map<std::string, int> verdicts;
  for (const json& result : whole["results"])
    ++verdicts[result["invalidity"].get<std::string>()];
  const std::map<std::string, int> expected = {{"correct", 1}, {"constraints", 1},
                                               {"compile", 1}, {"runtime", 1},
                                               {"timeout", 2}, {"correctness", 1}};
  EXPECT_EQ(verdicts, expected); // a hang is a time-out
  const auto correct = std::ranges::find_if(
      whole["results"], [](const json& result) { return result["correctness"] == 1; });
  EXPECT_EQ((*correct)["timestamp"], "2023-11-14 22:13:21.000002+00:00");
  EXPECT_EQ((*correct)["configuration"], json::parse(Point().json()));
  EXPECT_EQ((*correct)["times"]["compilation_time"], 250.0);
  EXPECT_EQ((*correct)["times"]["compilation"], 250.0);
  EXPECT_EQ((*correct)["times"]["runtimes"].size(), 2u);
  EXPECT_DOUBLE_EQ((*correct)["times"]["runtimes"][0].get<double>(), 1.23);
  EXPECT_EQ((*correct)["measurements"][0]["name"], "time");
  EXPECT_DOUBLE_EQ((*correct)["measurements"][0]["value"].get<double>(), (1.23 + 1e-2 / 3) / 2);
}

TEST(T4, DoesNotDependOnTheOrder) {
  Records records = forT4();
  const std::string text = mustRenderT4(records).text;
  std::ranges::reverse(records.trials);
  EXPECT_EQ(mustRenderT4(records).text, text);
}

TEST(T4, ComesBackButForItsLimits) {
  const T4Text t4 = mustRenderT4(forT4());
  const auto parsed = parseT4(t4.text, "file");
  ASSERT_TRUE(parsed) << parsed.error().text();
  ASSERT_EQ(parsed->environments.size(), 1u);
  EXPECT_EQ(parsed->environments[0], simEnvironment());
  ASSERT_EQ(parsed->sessions.size(), 1u);
  EXPECT_EQ(parsed->sessions[0].started, 1'700'000'001'000'002);
  ASSERT_EQ(parsed->trials.size(), 7u);
  for (const TrialRecord& record : parsed->trials) {
    EXPECT_EQ(record.trial.problem, problem(128, 1024));
    if (record.trial.status != TrialStatus::correct)
      continue;
    EXPECT_EQ(record.trial.point, Point());
    EXPECT_EQ(record.recorded, 1'700'000'001'000'002);
    EXPECT_DOUBLE_EQ(record.trial.prepareSeconds, 0.25);
    ASSERT_EQ(record.trial.seconds.size(), 2u);
    EXPECT_DOUBLE_EQ(record.trial.seconds[0], 0.00123);
    EXPECT_DOUBLE_EQ(record.trial.seconds[1], 1e-5 / 3);
  }
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  EXPECT_EQ(mustTake(database, *parsed).trials, 7);
  EXPECT_EQ(mustTake(database, *parseT4(t4.text, "other name")).known, 7);
  expectSound(database);
}

TEST(T4, TellsOfOneProblemInOneEnvironment) {
  Records records = forT4();
  records.trials.push_back({records.trials[0].environment, records.trials[0].session, 0,
                            correctTrial(problem(128, 2048), Point(), {1e-6})});
  const auto several = renderT4(records, "db");
  ASSERT_FALSE(several);
  EXPECT_NE(several.error().text().find("of 2 problems in 1 environments"), std::string::npos)
      << several.error().text();
  records.trials.clear();
  const auto none = renderT4(records, "db");
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().text().find("there are no trials to export"), std::string::npos);
}

// As Kernel Tuner writes it: neither problem nor environment, a failure with a text for its time.
constexpr const char* kForeign = R"json({
  "metadata": {"timeunit": "miliseconds"},
  "results": [
    {"timestamp": "2023-12-22 09:54:05.502007+00:00",
     "configuration": {"TILE_S1": 512, "VEC_ORDER": "gu_first"},
     "times": {"compilation": 918.5, "framework": 105.2, "search_algorithm": 0, "validation": 0,
               "runtimes": [4.0, 3.5, 3.0]},
     "invalidity": "correct", "correctness": 1,
     "measurements": [{"name": "time", "value": 3.5, "unit": ""}], "objectives": ["time"]},
    {"timestamp": "2023-12-22T10:54:05+01:00",
     "configuration": {"TILE_S1": 1024},
     "times": {"compilation": 1, "framework": 2, "search_algorithm": 0, "validation": 0},
     "invalidity": "runtime", "correctness": 0,
     "measurements": [{"name": "time", "value": "RuntimeFailedConfig", "unit": ""}],
     "objectives": ["time"]}
  ],
  "schema_version": "1.0.0"
})json";

TEST(T4, OtherTunersFilesNeedTheProblemAndTheEnvironment) {
  const T4Defaults defaults{deviceEnvironment(), problem(128, 1024)};
  const auto parsed = parseT4(kForeign, "file", defaults);
  ASSERT_TRUE(parsed) << parsed.error().text();
  ASSERT_EQ(parsed->trials.size(), 2u);
  const Trial& first = parsed->trials[0].trial;
  EXPECT_EQ(first.point.tileS1(), 512);
  EXPECT_EQ(first.point.vecOrder(), VecOrder::guFirst);
  EXPECT_EQ(first.point.cubeS1(), Point().cubeS1());
  EXPECT_EQ(first.seconds, (std::vector<double>{0.004, 0.0035, 0.003}));
  EXPECT_DOUBLE_EQ(first.prepareSeconds, 0.9185);
  EXPECT_EQ(parsed->trials[1].trial.status, TrialStatus::runtime);
  // 2023-12-22 09:54:05 UTC, once with a fraction and once in another zone.
  EXPECT_EQ(parsed->trials[0].recorded, 1'703'238'845'502'007);
  EXPECT_EQ(parsed->trials[1].recorded, 1'703'238'845'000'000);

  const auto noProblem = parseT4(kForeign, "file", {deviceEnvironment(), {}});
  ASSERT_FALSE(noProblem);
  EXPECT_NE(noProblem.error().text().find("give --problem"), std::string::npos);
  const auto noEnvironment = parseT4(kForeign, "file", {{}, problem(128, 1024)});
  ASSERT_FALSE(noEnvironment);
  EXPECT_NE(noEnvironment.error().text().find("give --soc and --runner"), std::string::npos);
}

TEST(T4, MalformedFilesAreNamed) {
  const Malformed cases[] = {
      {"\"schema_version\": \"1.0.0\"", "\"schema_version\": \"2.0.0\"", 0, "[schema_version"},
      {"\"schema_version\": \"1.0.0\"", "\"schema_version\": 1", 0, "expected a text"},
      {"\"results\": [", "\"result\": [", 0, "a value is missing [results]"},
      {"\"miliseconds\"", "\"fortnights\"", 0, "[metadata.timeunit = \"fortnights\"]"},
      {"\"invalidity\": \"runtime\"", "\"invalidity\": \"hang\"", 0, "[results[1].invalidity"},
      {"\"correctness\": 1", "\"correctness\": \"1\"", 0, "[results[0].correctness"},
      {"2023-12-22 09", "2023-13-22 09", 0, "[results[0].timestamp"},
      {"{\"TILE_S1\": 512", "{\"block_size_x\": 512", 0, "unknown parameter 'block_size_x'"},
      {"\"runtimes\": [4.0", "\"runtimes\": [-4.0", 0, "a result has a sample of -0.004 s"},
      {"\"runtimes\"", "\"runtime\"", 0, "the status correct and no samples"},
      {"\"invalidity\": \"correct\",", "\"invalidity\": \"correct\"", 8, "the file is not JSON"},
  };
  for (const Malformed& one : cases)
    expectRefused(kForeign, one, [](std::string_view text, const std::string& file) {
      return parseT4(text, file, {deviceEnvironment(), problem(128, 1024)});
    });
  EXPECT_FALSE(parseT4("[]", "f"));
  EXPECT_FALSE(parseT4("", "f"));
}

} // namespace
} // namespace ptotune::test
