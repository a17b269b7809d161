// Random databases, and what the tests of merging, exporting and importing share.
#pragma once

#include "DbTest.h"
#include "db/exchange/Exchange.h"

#include <map>
#include <random>

namespace ptotune::test {

// Draws from small sets, so that two draws often agree.
class RandomRecords {
public:
  explicit RandomRecords(unsigned seed) : random_(seed) {}

  int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }

  Trial trial() {
    const Problem where = problem(128 << below(2), 1024 << below(2));
    const auto status = static_cast<TrialStatus>(below(8));
    const Point point = numberedPoint(below(4));
    if (status != TrialStatus::correct)
      return failedTrial(where, point, status, kDetails[below(5)]);
    std::vector<double> seconds;
    for (int i = 0; i <= below(3); ++i)
      seconds.push_back((1 + below(4)) * 1e-5 / 3);
    Trial trial = correctTrial(where, point, seconds);
    trial.calibrated = below(2) == 1;
    if (below(3) == 0)
      trial.sourceHash = {};
    return trial;
  }

  // Up to three environments and six sessions; trials of the same content recorded at several
  // times, by several sessions, having taken several times.
  Records records(int trials) {
    Records all;
    for (int i = 0; i < 3; ++i) {
      Environment environment = i == 2 ? deviceEnvironment() : simEnvironment();
      environment.runnerVersion = std::to_string(i);
      if (i == 2) {
        environment.cores = 24;
        environment.frequency = 1'800'000'000;
        environment.isaHash = "f35e7f60";
      }
      all.environments.push_back(environment);
      for (int j = 0; j < 2; ++j)
        all.sessions.push_back({.environment = environment.hash(),
                                .host = "host, \"a\"",
                                .command = "tune\njob.toml",
                                .started = 1000 + j,
                                .nonce = -j,
                                .device = i == 2 ? "serial 7" : "",
                                .searcher = j == 1 ? "random" : "",
                                .seed = j * 5,
                                .options = j == 1 ? "count=5" : ""});
    }
    for (int i = 0; i < trials; ++i) {
      const SessionIdentity& session = all.sessions[static_cast<std::size_t>(below(6))];
      TrialRecord record{.environment = session.environment,
                         .session = contentId(session),
                         .recorded = 5000 + below(3),
                         .trial = trial()};
      record.trial.prepareSeconds = below(3) * 0.1;
      record.trial.measureSeconds = below(3) * 0.7;
      record.trial.boundSeconds = below(3) * 1e-6;
      all.trials.push_back(std::move(record));
    }
    addAsks(all);
    addRejectionsAndNotes(all);
    addProofs(all);
    return all;
  }

private:
  // Each session asks for some trials of its environment, some of them twice.
  void addAsks(Records& all) {
    std::map<Hash, std::int64_t> next;
    for (const TrialRecord& record : all.trials) {
      const std::int64_t ordinal = next[record.session]++;
      if (below(4) > 0)
        all.asks.push_back({record.session, ordinal, record.id()});
      const TrialRecord& other =
          all.trials[static_cast<std::size_t>(below(10)) % all.trials.size()];
      if (below(4) == 0 && other.environment == record.environment)
        all.asks.push_back({record.session, next[record.session]++, other.id()});
    }
  }
  void addRejectionsAndNotes(Records& all) {
    for (const SessionIdentity& session : all.sessions)
      for (const char* rule : {"", "capacity", "constraints[0]"})
        if (below(2) == 0)
          all.rejections.push_back(
              {contentId(session), problem(128, 1024 << below(2)), rule, below(3)});
    for (int i = 0; i < 4 && !all.trials.empty(); ++i) {
      const TrialRecord& record =
          all.trials[static_cast<std::size_t>(below(5)) % all.trials.size()];
      const Hash subjects[] = {record.id(), record.session, record.trial.point.hash(),
                               record.environment};
      all.notes.push_back({.subject = static_cast<NoteSubject>(i),
                           .about = subjects[i],
                           .author = "me",
                           .written = below(2),
                           .text = "why, \"so\"\n"});
    }
  }

  void addProofs(Records& all) {
    for (const SessionIdentity& session : all.sessions)
      for (const char* space : {"fa", "fa wide"})
        if (below(2) == 0)
          all.proofs.push_back({contentId(session), problem(128, 1024 << below(2)),
                                SpaceProof{.space = Hash::of(space),
                                           .spaceName = below(2) == 0 ? space : "renamed",
                                           .points = 1000 + below(2),
                                           .bound = (1 + below(3)) * 1e-6 / 3}});
  }

  static constexpr const char* kDetails[] = {"", "plain", "a, \"b\"\nc\r\n", "not \xff UTF-8",
                                             " blank "};
  std::mt19937 random_;
};

inline Taken mustTake(Database& database, const Records& records) {
  const auto taken = database.take(records);
  if (!taken) {
    ADD_FAILURE() << taken.error().text();
    std::abort();
  }
  return *taken;
}

inline Records mustRead(const Database& database) {
  auto records = database.records();
  if (!records) {
    ADD_FAILURE() << records.error().text();
    std::abort();
  }
  return std::move(*records);
}

inline std::string jsonLinesOf(const Database& database) {
  return renderJsonLines(mustRead(database));
}

inline void expectSound(const Database& database) {
  const auto findings = database.findings();
  ASSERT_TRUE(findings) << findings.error().text();
  EXPECT_EQ(*findings, std::vector<std::string>{});
}

// Replaces the first `from` in `text`, which must be there.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos)
    text.replace(at, from.size(), to);
  return text;
}

} // namespace ptotune::test
