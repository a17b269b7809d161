// Records leave as text and come back, whatever the format; import and export of files.
#include "ExchangeRecords.h"

#include <map>
#include <regex>
#include <set>

namespace ptotune::test {
namespace {

struct Format {
  const char* name;
  std::string (*render)(Records);
  Result<Records> (*parse)(std::string_view, const std::string&);
  Records (*kept)(Records); // what the format can express
};
void PrintTo(const Format& format, std::ostream* out) {
  *out << format.name;
}

Records allOfIt(Records records) {
  return records;
}

// One ask of each trial, by the session that recorded it first.
Records trialsAlone(Records records) {
  std::map<Hash, Hash> sessions; // trial -> session
  for (const TrialRecord& record : records.trials)
    sessions.emplace(record.id(), record.session);
  std::set<Hash> asked;
  std::erase_if(records.asks, [&](const AskRecord& ask) {
    return sessions.at(ask.trial) != ask.session || !asked.insert(ask.trial).second;
  });
  records.rejections.clear();
  records.proofs.clear();
  records.notes.clear();
  return records;
}

struct RoundTrip : testing::TestWithParam<Format> {};

TEST_P(RoundTrip, LosesNothingAndDoesNotDependOnTheOrder) {
  const TempDir directory;
  Database first = mustOpen(directory.path("first"));
  Records whole = everything();
  {
    Database scratch = mustOpen(directory.path("scratch"));
    mustTake(scratch, whole);
    whole = mustRead(scratch);
    sortByContent(whole);
  }
  mustTake(first, GetParam().kept(whole));
  Records records = mustRead(first);
  EXPECT_GT(records.asks.size(), 20u);
  EXPECT_GT(whole.proofs.size(), 3u);
  EXPECT_EQ(GetParam().render(whole), GetParam().render(records));
  const std::string text = GetParam().render(records);
  std::ranges::reverse(records.trials);
  std::ranges::reverse(records.sessions);
  std::ranges::reverse(records.environments);
  std::ranges::reverse(records.asks);
  std::ranges::reverse(records.rejections);
  std::ranges::reverse(records.proofs);
  std::ranges::reverse(records.notes);
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
                         testing::Values(Format{"jsonl", renderJsonLines, parseJsonLines, allOfIt},
                                         Format{"csv", renderCsv, parseCsv, trialsAlone}));

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
