// What travels between databases, read as values.
#include "db/DatabaseState.h"
#include "db/Decode.h"
#include "db/Records.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace ptotune {
namespace {

using sqlite::Connection;
using sqlite::Statement;
using sqlite::Transaction;

// A RecordFilter with the keys of this file.
struct Keys {
  std::optional<std::int64_t> environment, problem;
};

Result<Keys> findKeys(Connection& connection, const RecordFilter& filter) {
  Keys keys;
  if (!filter.environment.empty()) {
    auto key = findByDigits(connection, "environment", filter.environment);
    if (!key)
      return key.error();
    keys.environment = *key;
  }
  if (!filter.problem)
    return keys;
  auto find = connection.prepare("SELECT key FROM problem WHERE id = ?");
  if (!find)
    return find.error();
  auto row = find->bind(filter.problem->hash()).step();
  if (!row)
    return row.error();
  if (!*row)
    return Error{.message = "the database has no trials of this problem",
                 .file = connection.file(),
                 .key = "problem",
                 .value = filter.problem->text()};
  keys.problem = find->integer(0);
  return keys;
}

std::string where(const char* column, const std::optional<std::int64_t>& key) {
  return key ? fmt::format(" AND {} = {}", column, *key) : std::string();
}

Status readEnvironments(Connection& connection, const Keys& filter, Records& records) {
  const auto environment = [&](const Statement& row) -> Status {
    Environment read = readEnvironment(row, 1);
    for (std::string* text : {&read.soc, &read.runner, &read.runnerVersion, &read.toolchain,
                              &read.toolVersion, &read.isaHash})
      *text = asHashed(*text);
    if (read.hash() != row.hash(0))
      return damagedRow(connection, "an environment does not have the content of its id",
                        row.hash(0));
    records.environments.push_back(std::move(read));
    return {};
  };
  return forEachRow(connection,
                    fmt::format("SELECT id, {} FROM environment WHERE true{} ORDER BY key",
                                kEnvironmentColumns, where("key", filter.environment)),
                    environment);
}

Status readSessions(Connection& connection, const Keys& filter, Records& records) {
  const auto session = [&](const Statement& row) -> Status {
    SessionIdentity read = readSession(row, 2);
    if (contentId(read) != row.hash(0))
      return damagedRow(connection, "a session does not have the content of its id", row.hash(0));
    records.sessions.push_back(std::move(read));
    return {};
  };
  return forEachRow(connection,
                    fmt::format("SELECT session.id, environment.id, {} FROM session"
                                " JOIN environment ON environment.key = session.environment"
                                " WHERE true{} ORDER BY session.key",
                                kSessionColumns, where("session.environment", filter.environment)),
                    session);
}

constexpr std::string_view kSelectRecords =
    "SELECT trial.key, environment.id, session.id, recorded, problem.id, problem.json, point.id,"
    " point.json, sample.seconds, {} FROM trial"
    " JOIN environment ON environment.key = trial.environment"
    " JOIN session ON session.key = trial.session"
    " JOIN problem ON problem.key = trial.problem"
    " JOIN point ON point.key = trial.point"
    " LEFT JOIN kernel ON kernel.key = trial.kernel"
    " LEFT JOIN sample ON sample.trial = trial.key"
    " WHERE true{}{} ORDER BY recorded, trial.key, ordinal";
constexpr int kTrialAt = 9; // the first column of the trial's own

// Reads the rows of kSelectRecords; every problem and point is parsed once.
class RecordReader {
public:
  RecordReader(const Connection& connection, Records& records)
      : connection_(connection), records_(records) {}

  Status row(const Statement& row) {
    if (records_.trials.empty() || row.integer(0) != key_) {
      if (auto sound = finish(); !sound)
        return sound;
      if (auto begun = begin(row); !begun)
        return begun;
    }
    if (!row.isNull(8))
      records_.trials.back().trial.seconds.push_back(row.real(8));
    return {};
  }
  // Checks the trial that was read last: its id covers all samples.
  Status finish() const {
    if (records_.trials.empty())
      return {};
    if (records_.trials.back().id() != id_)
      return damagedRow(connection_, "a trial does not have the content of its id", id_);
    if (const auto fault = trialFault(records_.trials.back().trial))
      return damagedRow(connection_, "a trial has " + *fault, id_);
    return {};
  }

private:
  Status begin(const Statement& row) {
    key_ = row.integer(0);
    id_ = row.hash(kTrialAt);
    const auto problem = problems_.find(row.hash(4));
    if (problem == problems_.end()) {
      auto read = readProblem(connection_, row.hash(4), row.text(5));
      if (!read)
        return read.error();
      problems_.emplace(row.hash(4), std::move(*read));
    }
    if (!points_.contains(row.hash(6))) {
      auto read = readPoint(connection_, row.hash(6), row.text(7));
      if (!read)
        return read.error();
      points_.emplace(row.hash(6), *read);
    }
    auto trial =
        readTrial(connection_, row, kTrialAt, problems_.at(row.hash(4)), points_.at(row.hash(6)));
    if (!trial)
      return trial.error();
    records_.trials.push_back({.environment = row.hash(1),
                               .session = row.hash(2),
                               .recorded = row.integer(3),
                               .trial = std::move(*trial)});
    return {};
  }

  const Connection& connection_;
  Records& records_;
  std::unordered_map<Hash, Problem> problems_;
  std::unordered_map<Hash, Point> points_;
  std::int64_t key_ = 0;
  Hash id_;
};

Status readTrials(Connection& connection, const Keys& filter, Records& records) {
  const std::string sql =
      fmt::format(kSelectRecords, kTrialColumns, where("trial.environment", filter.environment),
                  where("trial.problem", filter.problem));
  RecordReader reader(connection, records);
  if (auto read =
          forEachRow(connection, sql, [&reader](const Statement& row) { return reader.row(row); });
      !read)
    return read;
  return reader.finish();
}

Status readAsks(Connection& connection, const Keys& filter, Records& records) {
  return forEachRow(connection,
                    fmt::format("SELECT session.id, ask.ordinal, trial.id FROM ask"
                                " JOIN session ON session.key = ask.session"
                                " JOIN trial ON trial.key = ask.trial WHERE true{}{}",
                                where("trial.environment", filter.environment),
                                where("trial.problem", filter.problem)),
                    [&records](const Statement& row) {
                      records.asks.push_back({row.hash(0), row.integer(1), row.hash(2)});
                    });
}

Status readRejections(Connection& connection, const Keys& filter, Records& records) {
  const auto rejection = [&](const Statement& row) -> Status {
    auto problem = readProblem(connection, row.hash(1), row.text(2));
    if (!problem)
      return problem.error();
    records.rejections.push_back(
        {row.hash(0), std::move(*problem), asHashed(row.text(3)), row.integer(4)});
    return {};
  };
  return forEachRow(connection,
                    fmt::format("SELECT session.id, problem.id, problem.json, rule, points"
                                " FROM rejection JOIN session ON session.key = rejection.session"
                                " JOIN problem ON problem.key = rejection.problem WHERE true{}{}",
                                where("session.environment", filter.environment),
                                where("rejection.problem", filter.problem)),
                    rejection);
}

Status readProofRecords(Connection& connection, const Keys& filter, Records& records) {
  const auto proof = [&](const Statement& row) -> Status {
    auto problem = readProblem(connection, row.hash(1), row.text(2));
    if (!problem)
      return problem.error();
    SpaceProof read = readProof(row, 3);
    read.spaceName = asHashed(read.spaceName);
    records.proofs.push_back({row.hash(0), std::move(*problem), std::move(read)});
    return {};
  };
  return forEachRow(connection,
                    fmt::format("SELECT session.id, problem.id, problem.json, {} FROM proof"
                                " JOIN session ON session.key = proof.session"
                                " JOIN problem ON problem.key = proof.problem WHERE true{}{}",
                                kProofColumns, where("session.environment", filter.environment),
                                where("proof.problem", filter.problem)),
                    proof);
}

// With a filter, the notes about what it leaves; else all of them.
Status readNotes(Connection& connection, const Keys& filter, Records& records) {
  const bool all = !filter.environment && !filter.problem;
  std::unordered_set<Hash> subjects;
  for (const Environment& environment : records.environments)
    subjects.insert(environment.hash());
  for (const SessionIdentity& session : records.sessions)
    subjects.insert(contentId(session));
  for (const TrialRecord& record : records.trials) {
    subjects.insert(record.id());
    subjects.insert(record.trial.point.hash());
  }
  return forEachRow(connection, "SELECT id, subject, about, author, written, text FROM note",
                    [&](const Statement& row) -> Status {
                      auto note = readNote(connection, row);
                      if (!note)
                        return note.error();
                      if (all || subjects.contains(note->about))
                        records.notes.push_back(std::move(*note));
                      return {};
                    });
}

} // namespace

Result<Records> Database::records(const RecordFilter& filter) const {
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  auto snapshot = Transaction::begin(connection, Transaction::Kind::read);
  if (!snapshot)
    return snapshot.error();
  auto keys = findKeys(connection, filter);
  if (!keys)
    return keys.error();
  Records records;
  for (const auto read : {readEnvironments, readSessions, readTrials, readAsks, readRejections,
                          readProofRecords, readNotes})
    if (auto done = read(connection, *keys, records); !done)
      return done.error();
  return records;
}

} // namespace ptotune
