// What sessions tell: their search, their asks, what the rules rejected, and notes.
#include "RecordsTest.h"

#include <gmock/gmock.h>

namespace ptotune::test {
namespace {

TEST(Sessions, TellTheirSearch) {
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  const auto session = database.beginSession(
      deviceEnvironment(), "tune",
      {.device = "serial 7", .searcher = "random", .seed = -8, .options = "count=5"});
  ASSERT_TRUE(session);
  mustBegin(database);
  const auto all = database.sessions();
  ASSERT_TRUE(all);
  EXPECT_EQ(all->size(), 2u);
  const auto some = database.sessions(deviceEnvironment().hash());
  ASSERT_TRUE(some);
  ASSERT_EQ(some->size(), 1u);
  EXPECT_EQ((*some)[0].id, *session);
  const SessionIdentity& found = (*some)[0].session;
  EXPECT_EQ(contentId(found), session->value);
  EXPECT_EQ(found.device, "serial 7");
  EXPECT_EQ(found.searcher, "random");
  EXPECT_EQ(found.seed, -8);
  EXPECT_EQ(found.options, "count=5");
}

std::vector<std::string> asksOf(const Database& database, const SessionId& session,
                                const std::optional<Problem>& problem = {}) {
  const auto asks = database.sessionTrials(session, problem);
  std::vector<std::string> texts;
  if (!asks) {
    ADD_FAILURE() << asks.error().text();
    return texts;
  }
  for (const Ask& ask : *asks)
    texts.push_back(std::to_string(ask.ordinal) + " " + std::to_string(ask.trial.problem.s1) + " " +
                    std::to_string(ask.trial.point[Param::slotNumQK]) + " " +
                    std::to_string(ask.trial.seconds.size()));
  return texts;
}

TEST(Sessions, AsksStandInTheirOrderKnownTrialsToo) {
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  const SessionId first = mustBegin(database);
  const SessionId second = mustBegin(database);
  const auto trial = [](std::int64_t s1, int slots, std::vector<double> seconds) {
    return correctTrial(problem(128, s1), numberedPoint(slots - 1), std::move(seconds));
  };
  mustRecord(database, first, {trial(1024, 3, {1, 2}), trial(2048, 1, {3})});
  mustRecord(database, second, {trial(2048, 1, {3}), trial(1024, 5, {4})});
  mustRecord(database, first, {trial(1024, 2, {5})});
  mustRecord(database, second, {trial(1024, 3, {1, 2}), trial(2048, 1, {3})});
  EXPECT_EQ(asksOf(database, first),
            (std::vector<std::string>{"0 1024 3 2", "1 2048 1 1", "2 1024 2 1"}));
  EXPECT_EQ(asksOf(database, second),
            (std::vector<std::string>{"0 2048 1 1", "1 1024 5 1", "2 1024 3 2", "3 2048 1 1"}));
  EXPECT_EQ(asksOf(database, second, problem(128, 1024)),
            (std::vector<std::string>{"1 1024 5 1", "2 1024 3 2"}));
  EXPECT_EQ(asksOf(database, SessionId{}), std::vector<std::string>());
  const auto info = database.info();
  ASSERT_TRUE(info);
  EXPECT_EQ(info->sessions[0].trials + info->sessions[1].trials, 4);
  // Pruning what the other session recorded first leaves a gap.
  ASSERT_TRUE(database.prune({.session = first.value.hex()}));
  EXPECT_EQ(asksOf(database, second), std::vector<std::string>{"1 1024 5 1"});
  expectSound(database);
}

TEST(Sessions, OfTwoAsksWithOneOrdinalTheSmallerTrialStays) {
  Records records{{simEnvironment()}, {{.environment = simEnvironment().hash()}}, {}, {}, {}, {}};
  const Hash session = contentId(records.sessions[0]);
  for (int i = 0; i < 2; ++i)
    records.trials.push_back({simEnvironment().hash(), session, 5,
                              correctTrial(problem(128, 1024), numberedPoint(i), {1e-6})});
  Records other = records;
  records.asks = {{session, 3, records.trials[0].id()}};
  other.asks = {{session, 3, records.trials[1].id()}};
  const Hash smaller = std::min(records.trials[0].id(), records.trials[1].id());
  for (const bool turned : {false, true}) {
    const TempDir directory;
    Database database = mustOpen(directory.path("db"));
    const std::int64_t changed = mustTake(database, turned ? other : records).asks +
                                 mustTake(database, turned ? records : other).asks;
    EXPECT_EQ(changed, (turned ? other : records).asks[0].trial == smaller ? 1 : 2);
    EXPECT_EQ(mustRead(database).asks, (std::vector<AskRecord>{{session, 3, smaller}}));
  }
}

TEST(Rejections, TheNewestSessionOfAProblemCounts) {
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  const auto count = [&database](const SessionId& session, std::int64_t s1, std::uint64_t legal,
                                 std::map<std::string, std::uint64_t> rejected) {
    Enumeration enumeration;
    enumeration.legal = legal;
    enumeration.rejected = std::move(rejected);
    const Status done = database.recordRejections(session, problem(128, s1), enumeration);
    ASSERT_TRUE(done) << done.error().text();
  };
  const SessionId first = mustBegin(database);
  const SessionId device = mustBegin(database, deviceEnvironment());
  const SessionId second = mustBegin(database);
  count(first, 1024, 3, {{"ub", 5}, {"shape", 2}});
  count(first, 2048, 1, {{"ub", 9}});
  count(second, 1024, 4, {{"l1", 7}});
  count(second, 1024, 4, {{"l1", 7}}); // again: nothing changes
  count(device, 1024, 0, {{"ub", 10}});
  const auto found = database.rejections();
  ASSERT_TRUE(found) << found.error().text();
  ASSERT_EQ(found->size(), 3u);
  std::vector<std::string> texts;
  for (const Rejections& one : *found) {
    texts.push_back(one.environment == deviceEnvironment().hash() ? "device" : "sim");
    texts.back() += (one.session == second ? " second " : " ") + std::to_string(one.problem.s1) +
                    " legal " + std::to_string(one.legal);
    for (const auto& [rule, points] : one.rejected)
      texts.back() += " " + rule + " " + std::to_string(points);
  }
  EXPECT_THAT(texts,
              testing::UnorderedElementsAre("sim 2048 legal 1 ub 9", "sim second 1024 legal 4 l1 7",
                                            "device 1024 legal 0 ub 10"));
  expectSound(database);
}

TEST(Notes, AreAboutTheRowWhoseDigitsAreGiven) {
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  const SessionId session = mustBegin(database);
  mustRecord(database, session, {correctTrial(problem(128, 1024), Point(), {1e-6})});
  const Hash trial = mustRead(database).trials[0].id();
  const std::pair<Hash, NoteSubject> subjects[] = {
      {trial, NoteSubject::trial},
      {session.value, NoteSubject::session},
      {Point().hash(), NoteSubject::point},
      {simEnvironment().hash(), NoteSubject::environment}};
  for (const auto& [id, subject] : subjects) {
    const auto note = database.addNote(id.hex().substr(0, 12), "a thought", "me");
    ASSERT_TRUE(note) << note.error().text();
    EXPECT_EQ(note->subject, subject);
    EXPECT_EQ(note->about, id);
  }
  const auto notes = database.notes();
  ASSERT_TRUE(notes);
  ASSERT_EQ(notes->size(), 4u);
  EXPECT_EQ((*notes)[0].text, "a thought");
  EXPECT_GT((*notes)[0].written, 0);
  const std::tuple<std::string, std::string, const char*> refused[] = {
      {"abc", "x", "4 to 32 hexadecimal digits"},
      {"00000000000000000000000000000000", "x", "no trial, session, point or environment"},
      {trial.hex(), "", "the note has no text"},
      {trial.hex(), "\xff", "text that is not UTF-8"}};
  for (const auto& [digits, text, message] : refused) {
    const auto note = database.addNote(digits, text, "me");
    ASSERT_FALSE(note);
    EXPECT_NE(note.error().text().find(message), std::string::npos) << note.error().text();
  }
  EXPECT_EQ(database.notes()->size(), 4u);
  expectSound(database);
}

TEST(Bounds, TravelWithTheirTrialAndAreChecked) {
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  Trial trial = correctTrial(problem(128, 1024), Point(), {1e-6});
  trial.boundSeconds = 0.9e-6;
  mustRecord(database, mustBegin(database), {trial});
  const auto stored = database.trials(simEnvironment().hash(), trial.problem);
  ASSERT_TRUE(stored);
  EXPECT_EQ((*stored)[0].boundSeconds, 0.9e-6);
  trial.boundSeconds = -1;
  EXPECT_FALSE(database.record(mustBegin(database), std::vector{trial}));
}

} // namespace
} // namespace ptotune::test
