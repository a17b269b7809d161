// What is told of sessions: who ran them, what they asked for, and what they noted.
#include "db/DatabaseState.h"
#include "db/Decode.h"

#include <fmt/format.h>

namespace ptotune {
namespace {

using sqlite::Connection;
using sqlite::Statement;

Result<std::vector<Ask>> readAsks(Connection& connection, const SessionId& session,
                                  const std::optional<Problem>& problem) {
  std::vector<Ask> asks;
  constexpr int kPlace = kTrialWidth; // where the columns behind the trial's begin
  const auto take = [&](const Statement& row) -> Status {
    if (asks.empty() || asks.back().ordinal != row.integer(kPlace)) {
      auto of = readProblem(connection, row.hash(kPlace + 1), row.text(kPlace + 2));
      if (!of)
        return of.error();
      auto point = readPoint(connection, row.hash(kPlace + 3), row.text(kPlace + 4));
      if (!point)
        return point.error();
      auto trial = readTrial(connection, row, 0, *of, *point);
      if (!trial)
        return trial.error();
      asks.push_back({row.integer(kPlace), std::move(*trial)});
    }
    if (!row.isNull(kPlace + 5))
      asks.back().trial.seconds.push_back(row.real(kPlace + 5));
    return {};
  };
  const std::string sql = fmt::format(
      "SELECT {}, ask.ordinal, problem.id, problem.json, point.id, point.json, sample.seconds"
      " FROM ask JOIN trial ON trial.key = ask.trial JOIN problem ON problem.key = trial.problem"
      " JOIN point ON point.key = trial.point LEFT JOIN kernel ON kernel.key = trial.kernel"
      " LEFT JOIN sample ON sample.trial = trial.key"
      " WHERE ask.session = (SELECT key FROM session WHERE id = ?1)"
      " AND (?2 IS NULL OR problem.id = ?2) ORDER BY ask.ordinal, sample.ordinal",
      kTrialColumns);
  const auto of = problem ? std::optional(problem->hash()) : std::nullopt;
  if (auto read = forEachRow(connection, sql, take, session.value, of); !read)
    return read.error();
  return asks;
}

// The counts of one session for one problem stand in rows that follow each other; of two sessions
// in one environment the later one is taken.
Result<std::vector<Rejections>> readRejections(Connection& connection) {
  std::vector<Rejections> all;
  const auto take = [&](const Statement& row) -> Status {
    auto problem = readProblem(connection, row.hash(2), row.text(3));
    if (!problem)
      return problem.error();
    const SessionId session{row.hash(0)};
    if (all.empty() || all.back().session != session || all.back().problem != *problem) {
      std::erase_if(all, [&](const Rejections& one) {
        return one.environment == row.hash(1) && one.problem == *problem;
      });
      all.push_back({.session = session, .environment = row.hash(1), .problem = *problem});
    }
    if (row.text(4).empty())
      all.back().legal = row.integer(5);
    else
      all.back().rejected.emplace(row.text(4), row.integer(5));
    return {};
  };
  if (auto read = forEachRow(connection,
                             "SELECT session.id, environment.id, problem.id, problem.json, rule,"
                             " points FROM rejection JOIN session ON session.key ="
                             " rejection.session JOIN environment ON environment.key ="
                             " session.environment JOIN problem ON problem.key = rejection.problem"
                             " ORDER BY started, session.id, problem.key, rule",
                             take);
      !read)
    return read.error();
  return all;
}

} // namespace

Result<std::vector<StoredSession>>
Database::sessions(const std::optional<Hash>& environment) const {
  const std::lock_guard lock(state_->mutex);
  std::vector<StoredSession> sessions;
  auto read = forEachRow(
      *state_->connection,
      fmt::format("SELECT session.id, environment.id, {} FROM session JOIN environment ON"
                  " environment.key = session.environment WHERE ?1 IS NULL OR environment.id = ?1"
                  " ORDER BY started, session.id",
                  kSessionColumns),
      [&sessions](const Statement& row) {
        sessions.push_back({SessionId{row.hash(0)}, readSession(row, 2)});
      },
      environment);
  if (!read)
    return read.error();
  return sessions;
}

Result<std::vector<Ask>> Database::sessionTrials(const SessionId& session,
                                                 const std::optional<Problem>& problem) const {
  const std::lock_guard lock(state_->mutex);
  return readAsks(*state_->connection, session, problem);
}

Result<std::vector<Rejections>> Database::rejections() const {
  const std::lock_guard lock(state_->mutex);
  return readRejections(*state_->connection);
}

Result<std::vector<Note>> Database::notes() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<Note> notes;
  auto read = forEachRow(*state_->connection,
                         "SELECT id, subject, about, author, written, text FROM note"
                         " ORDER BY written, id",
                         [&](const Statement& row) -> Status {
                           auto note = readNote(*state_->connection, row);
                           if (!note)
                             return note.error();
                           notes.push_back(std::move(*note));
                           return {};
                         });
  if (!read)
    return read.error();
  return notes;
}

} // namespace ptotune
