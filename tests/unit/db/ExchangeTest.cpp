// Records leave as text and come back: JSON lines, CSV, T4; and text that is malformed.
#include "RecordsTest.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <regex>
#include <set>

namespace ptotune::test {
namespace {

using nlohmann::json;

// What has every kind of content: all statuses, texts that need quoting, bytes that are no UTF-8.
Records everything() {
  RandomRecords random(4);
  return random.records(120);
}

// The smallest set with one correct trial.
Records oneTrial() {
  const SessionIdentity session{.environment = simEnvironment().hash(),
                                .host = "h",
                                .command = "c",
                                .started = 1'700'000'000'000'000,
                                .nonce = 7};
  return {{simEnvironment()},
          {session},
          {{session.environment, contentId(session), 1'700'000'001'000'002,
            correctTrial(problem(128, 1024), Point(), {0.00123, 1e-5 / 3})}}};
}

struct Format {
  const char* name;
  std::string (*render)(Records);
  Result<Records> (*parse)(std::string_view, const std::string&);
};
void PrintTo(const Format& format, std::ostream* out) {
  *out << format.name;
}

struct RoundTrip : testing::TestWithParam<Format> {};

TEST_P(RoundTrip, LosesNothingAndDoesNotDependOnTheOrder) {
  const TempDir directory;
  Database first = mustOpen(directory.path("first"));
  mustTake(first, everything());
  Records records = mustRead(first);
  const std::string text = GetParam().render(records);
  std::ranges::reverse(records.trials);
  std::ranges::reverse(records.sessions);
  std::ranges::reverse(records.environments);
  EXPECT_EQ(GetParam().render(records), text);

  auto parsed = GetParam().parse(text, "file");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(GetParam().render(*parsed), text);
  Database second = mustOpen(directory.path("second"));
  EXPECT_EQ(mustTake(second, *parsed).trials, static_cast<std::int64_t>(records.trials.size()));
  expectSound(second);
  EXPECT_EQ(GetParam().render(mustRead(second)), text);
  EXPECT_EQ(jsonLinesOf(second), jsonLinesOf(first));
  EXPECT_EQ(mustTake(second, *parsed).known, static_cast<std::int64_t>(records.trials.size()));
}

TEST_P(RoundTrip, CarriageReturnsAtLineEndsDoNotMatter) {
  const std::string text = GetParam().render(oneTrial());
  const std::string dos = std::regex_replace(text, std::regex("\n"), "\r\n");
  auto parsed = GetParam().parse(dos, "file");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(GetParam().render(*parsed), text);
}

INSTANTIATE_TEST_SUITE_P(Formats, RoundTrip,
                         testing::Values(Format{"jsonl", renderJsonLines, parseJsonLines},
                                         Format{"csv", renderCsv, parseCsv}));

TEST(JsonLines, SessionsWithoutTrialsTravelToo) {
  Records records = oneTrial();
  records.trials.clear();
  const auto parsed = parseJsonLines(renderJsonLines(records), "file");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->sessions.size(), 1u);
}

// Frozen: FORMAT.md promises this text.
TEST(JsonLines, AreAsDocumented) {
  const std::string text = renderJsonLines(oneTrial());
  const Records records = oneTrial();
  const std::string environment = simEnvironment().hash().hex();
  const std::string session = contentId(records.sessions[0]).hex();
  EXPECT_EQ(text, "{\"format\":\"pto-tune records\",\"record\":\"header\",\"version\":1}\n"
                  "{\"id\":\"" +
                      environment +
                      "\",\"record\":\"environment\",\"runner\":\"sim\","
                      "\"runner_version\":\"1\",\"soc\":\"Ascend910B2\",\"soc_hash\":\"" +
                      Hash::of("profile").hex() +
                      "\",\"tool_version\":\"0.1.0\",\"toolchain\":\"\"}\n"
                      "{\"command\":\"c\",\"environment\":\"" +
                      environment + "\",\"host\":\"h\",\"id\":\"" + session +
                      "\",\"nonce\":7,\"record\":\"session\",\"started\":1700000000000000}\n"
                      "{\"calibrated\":true,\"detail\":\"\",\"environment\":\"" +
                      environment + "\",\"id\":\"" + records.trials[0].id().hex() +
                      "\",\"measure_seconds\":0.5,\"point\":" + Point().json() +
                      ",\"prepare_seconds\":0.25,\"problem\":" + problem(128, 1024).json() +
                      ",\"program\":\"" + records.trials[0].trial.programHash.hex() +
                      "\",\"record\":\"trial\",\"recorded\":1700000001000002,\"seconds\":[0.00123,"
                      "3.3333333333333337e-06],\"session\":\"" +
                      session + "\",\"source\":\"" + records.trials[0].trial.sourceHash.hex() +
                      "\",\"status\":\"correct\"}\n");
}

TEST(JsonLines, FilesMayFollowEachOther) {
  const std::string text = renderJsonLines(oneTrial());
  const auto parsed = parseJsonLines(text + "\n" + text, "file");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->sessions.size(), 1u);
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  mustTake(database, *parsed);
  EXPECT_EQ(jsonLinesOf(database), text);
}

TEST(JsonLines, AnIdMayBeLeftOut) {
  const std::string text = renderJsonLines(oneTrial());
  const auto parsed =
      parseJsonLines(std::regex_replace(text, std::regex("\"id\":\"[0-9a-f]*\","), ""), "file");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(renderJsonLines(*parsed), text);
}

// A change to the text of oneTrial() and what the parser says: line, message, key.
struct Malformed {
  const char* from;
  const char* to;
  int line;
  const char* says;
};

void expectRefused(const std::string& text, const Malformed& one,
                   Result<Records> (*parse)(std::string_view, const std::string&)) {
  SCOPED_TRACE(fmt::format("{} -> {}", one.from, one.to));
  const auto parsed = parse(replaced(text, one.from, one.to), "the.file");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().file, "the.file");
  EXPECT_EQ(parsed.error().line, one.line) << parsed.error().text();
  EXPECT_NE(parsed.error().text().find(one.says), std::string::npos) << parsed.error().text();
}

TEST(JsonLines, MalformedLinesAreNamed) {
  const Malformed cases[] = {
      {"{\"format\"", "\"format\"", 1, "the line is not a JSON object"},
      {"pto-tune records", "records", 1, "[format = \"records\"]; expected pto-tune records"},
      {"\"version\":1}", "\"version\":2}", 1, "another version [version = 2]; expected 1"},
      {"\"version\":1}", "\"version\":\"1\"}", 1, "[version = \"1\"]; expected an integer"},
      {"header", "environment", 1, "does not start with a header"},
      {"\"record\":\"session\"", "\"record\":\"sitting\"", 3, "unknown kind of record"},
      {"\"record\":\"session\",", "", 3, "a value is missing [record]"},
      {"\"host\":\"h\"", "\"host\":1", 3, "[host = 1]; expected a text"},
      {"\"host\":\"h\"", "\"hast\":\"h\"", 3, "a value is missing [host]"},
      {"\"host\":\"h\"", "\"host\":\"h\",\"port\":1", 3, "unknown key 'port'"},
      {"\"host\":\"h\"", "\"host\":\"i\"", 3, "the id is not that of the content [id"},
      {"\"nonce\":7", "\"nonce\":7.5", 3, "[nonce = 7.5]; expected an integer"},
      {"\"nonce\":7", "\"nonce\":18446744073709551615", 3, "expected an integer"},
      {"\"soc_hash\":\"", "\"soc_hash\":\"z", 2, "expected 32 hexadecimal digits"},
      {"\"soc\":\"Ascend910B2\"", "\"soc\":\"Other\"", 2, "the id is not that of the content"},
      {"\"calibrated\":true", "\"calibrated\":1", 4, "[calibrated = 1]; expected true or false"},
      {"\"seconds\":[0.00123", "\"seconds\":[\"0.00123\"", 4, "expected a list of numbers"},
      {"\"seconds\":[0.00123", "\"seconds\":[0.00124", 4, "the id is not that of the content"},
      {"\"seconds\":[0.00123", "\"seconds\":[1e999", 4, "the line is not a JSON object"},
      {"\"status\":\"correct\"", "\"status\":\"fine\"", 4, "expected correct, constraints"},
      {"\"status\":\"correct\"", "\"status\":\"hang\"", 4, "the id is not that of the content"},
      {"\"TILE_S1\":256", "\"TILE_S2\":256", 4, "unknown parameter 'TILE_S2'"},
      {",\"TILE_S1\":256", "", 4, "[point"},
      {"\"VEC_ORDER\":\"p_first\"", "\"VEC_ORDER\":\"q_first\"", 4, "p_first, gu_first"},
      {"\"s0\":128", "\"s0\":-128", 4, "expected bad value in the problem [s0 = -128]"},
      {"\"s0\":128,", "", 4, "expected every key of it"},
      {"\"detail\":\"\"", "\"detail_hex\":\"0g\"", 4, "two hexadecimal digits for each byte"},
      {"\"prepare_seconds\":0.25", "\"prepare_seconds\":-0.25", 4, "a trial has -0.25 s spent"},
      {"\"status\":\"correct\"}\n", "\"status\":\"correct\"", 4, "the line is not a JSON object"},
  };
  const std::string text = renderJsonLines(oneTrial());
  for (const Malformed& one : cases)
    expectRefused(text, one, parseJsonLines);
}

TEST(JsonLines, RecordsMustStandBehindWhatTheyName) {
  const std::string text = renderJsonLines(oneTrial());
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin) + 1;
    lines.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  ASSERT_EQ(lines.size(), 4u);
  const std::pair<std::string, const char*> cases[] = {
      {lines[0] + lines[2], "a session names an environment that no line above has"},
      {lines[0] + lines[1] + lines[3], "a trial names a session that no line above has"},
      {lines[1], "the file does not start with a header"},
      {"", "the file is empty"},
      {"\n\n", "the file is empty"}};
  for (const auto& [file, message] : cases) {
    const auto parsed = parseJsonLines(file, "f");
    ASSERT_FALSE(parsed) << message;
    EXPECT_NE(parsed.error().text().find(message), std::string::npos) << parsed.error().text();
  }
}

// The heading is frozen: FORMAT.md promises it.
TEST(Csv, IsAsDocumented) {
  const std::string text = renderCsv(oneTrial());
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "soc,soc_hash,runner,runner_version,toolchain,tool_version,host,command,started,nonce,"
            "recorded,causal,dtype,family,head,s0,s1,TILE_S1,CUBE_S1,CUBE_S0,QK_PRELOAD,SlotNumQK,"
            "SlotNumP,SlotNumPV,LocalSlotNum,EN_UNIT_FLAG,PIPE_MODEL,EXP_RING,VEC_ORDER,KV_SPLIT,"
            "status,calibrated,detail,source,program,prepare_seconds,measure_seconds,seconds");
  const Trial trial = oneTrial().trials[0].trial;
  EXPECT_EQ(text.substr(text.find('\n') + 1),
            "Ascend910B2," + Hash::of("profile").hex() +
                ",sim,1,,0.1.0,h,c,1700000000000000,7,1700000001000002,false,f16,fa,128,128,1024,"
                "256,128,128,4,8,8,8,2,1,slot,8,p_first,1,correct,true,," +
                trial.sourceHash.hex() + "," + trial.programHash.hex() +
                ",0.25,0.5,0.00123 3.3333333333333337e-06\n");
}

TEST(Csv, ColumnsMayStandInAnyOrder) {
  const std::string text = renderCsv(oneTrial());
  // The first column, "soc", moves to the end.
  std::string moved = replaced(text, "\nAscend910B2,", "\n");
  moved = replaced(moved, "e-06\n", "e-06,Ascend910B2\n");
  moved = replaced(moved, ",seconds\n", ",seconds,soc\n");
  moved = replaced(moved, "soc,soc_hash", "soc_hash");
  const auto parsed = parseCsv(moved, "file");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(renderCsv(*parsed), text);
}

TEST(Csv, MalformedRowsAreNamed) {
  const Malformed cases[] = {
      {"soc,", "sox,", 1, "the heading has an unknown column [sox]"},
      {"soc,soc_hash", "soc_hash", 1, "the heading misses a column [soc]"},
      {"host,command", "host,host", 1, "the heading has a column twice [host]"},
      {"\nAscend910B2,", "\n", 2, "another number of fields than the heading [37]; expected 38"},
      {",h,c,", ",h,\"c,", 2, "a quoted field is not closed"},
      {",h,c,", ",h,\"c\"d,", 2, "goes on behind its closing quote"},
      {",h,c,", ",h,c\"d,", 2, "a quote stands inside a field"},
      {",7,", ",seven,", 2, "[nonce = seven]; expected an integer"},
      {"false,f16", "no,f16", 2, "[causal = no]; expected 0 or 1"},
      {"f16", "f64", 2, "[dtype = f64]; expected f16"},
      {"p_first", "first", 2, "[VEC_ORDER = first]"},
      {",256,", ",256.0,", 2, "[TILE_S1 = 256.0]; expected an integer"},
      {",correct,", ",wrong,", 2, "[status = wrong]; expected correct, constraints"},
      {",true,", ",yes,", 2, "[calibrated = yes]; expected true or false"},
      {"0.00123 ", "0.00123;", 2, "expected a number"},
      {"0.00123 ", "-0.00123 ", 2, "a sample of -0.00123 s"},
      {"0.00123 ", "nan ", 2, "a sample of nan s"},
      {",0.25,", ",,", 2, "[prepare_seconds]; expected a number"},
      {",correct,", ",hang,", 2, "only correct trials have samples"},
  };
  const std::string text = renderCsv(oneTrial());
  for (const Malformed& one : cases)
    expectRefused(text, one, parseCsv);
  EXPECT_FALSE(parseCsv("", "f"));
}

TEST(Csv, LinesAreCountedThroughQuotedLineBreaks) {
  Records records = oneTrial();
  records.trials[0].trial =
      failedTrial(problem(128, 1024), Point(), TrialStatus::compile, "one\ntwo\n\"three\"");
  std::string text = renderCsv(records);
  ASSERT_TRUE(parseCsv(text, "f"));
  const auto parsed = parseCsv(text + "1,2\n", "f");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().line, 5);
}

// Every status once, on one problem in one environment.
Records forT4() {
  Records records = oneTrial();
  for (int status = 1; status < 8; ++status)
    records.trials.push_back({records.trials[0].environment, records.trials[0].session,
                              1'700'000'002'000'000 + status,
                              failedTrial(problem(128, 1024), numberedPoint(status),
                                          static_cast<TrialStatus>(status), "why")});
  return records;
}

T4Text mustRenderT4(const Records& records) {
  auto t4 = renderT4(records, "db");
  if (!t4) {
    ADD_FAILURE() << t4.error().text();
    std::abort();
  }
  return *t4;
}

// The rules of the published schema, T4 1.0.0 of github.com/odgaard/TuningSchema.
void expectPublishedRules(const json& whole) {
  ASSERT_TRUE(whole.is_object());
  EXPECT_TRUE(std::regex_match(whole["schema_version"].get<std::string>(),
                               std::regex("[0-9]+\\.[0-9]+\\.[0-9]+")));
  ASSERT_TRUE(whole["results"].is_array());
  const std::set<std::string> verdicts = {"timeout",     "compile",     "runtime",
                                          "correctness", "constraints", "correct"};
  for (const json& result : whole["results"]) {
    EXPECT_TRUE(result.at("timestamp").is_string());
    EXPECT_TRUE(result.at("configuration").is_object());
    EXPECT_TRUE(result.at("objectives").is_array());
    EXPECT_TRUE(verdicts.contains(result.at("invalidity").get<std::string>()));
    EXPECT_TRUE(result.at("correctness").is_number());
    for (const char* key : {"framework", "search_algorithm", "validation", "compilation"})
      EXPECT_TRUE(result.at("times").at(key).is_number()) << key;
    for (const json& measurement : result.at("measurements")) {
      EXPECT_TRUE(measurement.at("name").is_string());
      EXPECT_TRUE(measurement.at("value").is_number() || measurement.at("value").is_string());
      EXPECT_TRUE(measurement.at("unit").is_string());
    }
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

TEST(Import, OneMalformedFileImportsNothing) {
  const TempDir directory;
  const std::string good = directory.write("good.jsonl", renderJsonLines(everything()));
  const std::string bad =
      directory.write("bad.csv", replaced(renderCsv(oneTrial()), ",7,", ",seven,"));
  const auto made = importFiles(directory.path("new.db"), std::vector{good, bad});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().file, bad);
  EXPECT_EQ(made.error().line, 2);
  EXPECT_FALSE(std::filesystem::exists(directory.path("new.db")));
  {
    mustOpen(directory.path("old.db"));
  }
  const auto before = snapshotAround(good);
  EXPECT_FALSE(importFiles(directory.path("old.db"), std::vector{good, bad}));
  EXPECT_EQ(snapshotAround(good), before);
}

TEST(Import, FormatsByNameAndByOption) {
  const TempDir directory;
  const std::vector<std::string> files = {directory.write("a.jsonl", renderJsonLines(oneTrial())),
                                          directory.write("a.csv", renderCsv(oneTrial())),
                                          directory.write("a.json", mustRenderT4(forT4()).text)};
  const auto taken = importFiles(directory.path("db"), files);
  ASSERT_TRUE(taken) << taken.error().text();
  EXPECT_EQ(taken->sessions, 2); // its own, and one for the T4 file
  EXPECT_EQ(taken->trials, 8);
  EXPECT_EQ(taken->known, 1);
  const std::string odd = directory.write("a.txt", renderCsv(oneTrial()));
  const auto unknown = importFiles(directory.path("db"), std::vector{odd});
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().text().find("--format"), std::string::npos);
  EXPECT_TRUE(importFiles(directory.path("db"), std::vector{odd}, RecordFormat::csv));
  const auto missing = importFiles(directory.path("db"), std::vector{directory.path("no.csv")});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().text().find("No such file"), std::string::npos);
}

TEST(Export, FiltersByEnvironmentAndProblem) {
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  mustTake(database, everything());
  const Records all = mustRead(database);
  const Hash environment = all.environments[0].hash();
  const auto some = database.records(
      {.environment = environment.hex().substr(0, 10), .problem = problem(128, 1024)});
  ASSERT_TRUE(some) << some.error().text();
  ASSERT_EQ(some->environments.size(), 1u);
  EXPECT_EQ(some->sessions.size(), 2u);
  const auto expected = std::ranges::count_if(all.trials, [&](const TrialRecord& record) {
    return record.environment == environment && record.trial.problem == problem(128, 1024);
  });
  EXPECT_GT(expected, 0);
  EXPECT_EQ(static_cast<std::ptrdiff_t>(some->trials.size()), expected);
  EXPECT_TRUE(checkReferences(*some));
  EXPECT_FALSE(database.records({.problem = problem(1, 1)}));
  EXPECT_FALSE(database.records({.environment = "0000000000"}));
}

} // namespace
} // namespace ptotune::test
