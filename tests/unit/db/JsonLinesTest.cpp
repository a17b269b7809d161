// Records as JSON lines and back, and lines that are malformed.
#include "ExchangeRecords.h"

#include <regex>

namespace ptotune::test {
namespace {

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
  EXPECT_EQ(text, "{\"format\":\"pto-tune records\",\"record\":\"header\",\"version\":3}\n"
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

// Frozen: what schema version 2 added, and where it is left out.
TEST(JsonLines, LaterRecordsAreAsDocumented) {
  Records records = oneTrial();
  records.environments[0].cores = 24;
  records.environments[0].frequency = 1'800'000'000;
  records.environments[0].isaHash = "f35e7f60";
  SessionIdentity& session = records.sessions[0];
  session.environment = records.environments[0].hash();
  session.device = "serial";
  session.searcher = "random";
  session.seed = -3;
  session.options = "count=2";
  const std::string id = contentId(session).hex();
  records.trials[0].environment = session.environment;
  records.trials[0].session = contentId(session);
  records.trials[0].trial.boundSeconds = 1e-6;
  const std::string trial = records.trials[0].id().hex();
  records.asks = {{contentId(session), 4, records.trials[0].id()}};
  records.rejections = {{contentId(session), problem(128, 1024), "ub", 17}};
  records.proofs = {{contentId(session), problem(128, 1024), proofOf("fa", 40, 2.5e-7)}};
  records.notes = {{.subject = NoteSubject::trial,
                    .about = records.trials[0].id(),
                    .author = "me",
                    .written = 9,
                    .text = "odd"}};
  const std::string text = renderJsonLines(records);
  const std::string tail = text.substr(text.find("{\"ordinal\""));
  EXPECT_EQ(tail,
            "{\"ordinal\":4,\"record\":\"ask\",\"session\":\"" + id + "\",\"trial\":\"" + trial +
                "\"}\n{\"points\":17,\"problem\":" + problem(128, 1024).json() +
                ",\"record\":\"rejection\",\"rule\":\"ub\",\"session\":\"" + id +
                "\"}\n{\"bound\":2.5e-07,\"points\":40,\"problem\":" + problem(128, 1024).json() +
                ",\"record\":\"proof\",\"session\":\"" + id + "\",\"space\":\"" +
                Hash::of("fa").hex() + "\",\"space_name\":\"fa\"}\n{\"about\":\"" + trial +
                "\",\"author\":\"me\",\"id\":\"" + contentId(records.notes[0]).hex() +
                "\",\"record\":\"note\",\"subject\":\"trial\",\"text\":\"odd\","
                "\"written\":9}\n");
  for (const char* key :
       {"\"cores\":24,", "\"frequency\":1800000000,", "\"isa_hash\":\"f35e7f60\",",
        "\"device\":\"serial\",", "\"searcher\":\"random\",", "\"seed\":-3,",
        "\"options\":\"count=2\",", "\"bound\":1e-06,"})
    EXPECT_NE(text.find(key), std::string::npos) << key;
  const auto parsed = parseJsonLines(text, "file");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(renderJsonLines(*parsed), text);

  const Malformed cases[] = {
      {"\"ordinal\":4", "\"ordinal\":-4", 5, "[ordinal = -4]; expected zero or more"},
      {"\"ordinal\":4,", "", 5, "a value is missing [ordinal]"},
      {"\"points\":17", "\"points\":-1", 6, "[points = -1]; expected zero or more"},
      {"\"rule\":\"ub\"", "\"rule\":1", 6, "[rule = 1]; expected a text"},
      {"\"bound\":2.5e-07", "\"bound\":0", 7, "a proof has a bound of 0 s"},
      {"\"points\":40", "\"points\":-1", 7, "a proof has a space of -1 points"},
      {"\"space_name\":\"fa\"", "\"space_name\":1", 7, "expected a text"},
      {"\"space\":\"", "\"space\":\"x", 7, "expected 32 hexadecimal digits"},
      {"\"subject\":\"trial\"", "\"subject\":\"kernel\"", 8, "expected trial, session, point or"},
      {"\"text\":\"odd\"", "\"text\":\"even\"", 8, "the id is not that of the content"},
      {"\"bound\":1e-06", "\"bound\":-1", 4, "a bound of -1 s"},
  };
  for (const Malformed& one : cases)
    expectRefused(text, one, parseJsonLines);
  std::string stranger = text;
  stranger.replace(text.find("\"trial\":\"" + trial) + 9, 32, std::string(32, '0'));
  const auto refused = parseJsonLines(stranger, "file");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("an ask names a trial that no line above has"),
            std::string::npos);
}

// Files of versions 1 and 2, as an older pto-tune wrote them.
TEST(JsonLines, OfEarlierVersionsAreRead) {
  const std::string text = renderJsonLines(oneTrial());
  for (const char* version : {"\"version\":1}", "\"version\":2}"}) {
    const auto parsed = parseJsonLines(replaced(text, "\"version\":3}", version), "file");
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(renderJsonLines(*parsed), text);
  }
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

TEST(JsonLines, MalformedLinesAreNamed) {
  const Malformed cases[] = {
      {"{\"format\"", "\"format\"", 1, "the line is not a JSON object"},
      {"pto-tune records", "records", 1, "[format = \"records\"]; expected pto-tune records"},
      {"\"version\":3}", "\"version\":4}", 1, "another version [version = 4]; expected 1 to 3"},
      {"\"version\":3}", "\"version\":0}", 1, "another version [version = 0]; expected 1 to 3"},
      {"\"version\":3}", "\"version\":\"1\"}", 1, "[version = \"1\"]; expected an integer"},
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

} // namespace
} // namespace ptotune::test
