// The reading half of Database.
#include "db/Database.h"
#include "db/DatabaseState.h"
#include "db/Decode.h"
#include "db/Place.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace ptotune {
namespace {

using sqlite::Connection;
using sqlite::Statement;
using sqlite::Transaction;

std::string selectTrials() {
  return fmt::format("SELECT {}, point.id, point.json, sample.seconds FROM trial"
                     " JOIN point ON point.key = trial.point"
                     " LEFT JOIN kernel ON kernel.key = trial.kernel"
                     " LEFT JOIN sample ON sample.trial = trial.key"
                     " WHERE trial.environment = (SELECT key FROM environment WHERE id = ?)"
                     " AND trial.problem = (SELECT key FROM problem WHERE id = ?)"
                     " ORDER BY recorded, trial.key, ordinal",
                     kTrialColumns);
}

Result<std::vector<Trial>> readTrials(Connection& connection, const Hash& environment,
                                      const Problem& problem) {
  std::vector<Trial> trials;
  Hash last;
  const auto take = [&](const Statement& row) -> Status {
    if (trials.empty() || row.hash(0) != last) {
      auto point = readPoint(connection, row.hash(kTrialWidth), row.text(kTrialWidth + 1));
      if (!point)
        return point.error();
      auto trial = readTrial(connection, row, 0, problem, *point);
      if (!trial)
        return trial.error();
      trials.push_back(std::move(*trial));
      last = row.hash(0);
    }
    if (!row.isNull(kTrialWidth + 2))
      trials.back().seconds.push_back(row.real(kTrialWidth + 2));
    return {};
  };
  if (auto read = forEachRow(connection, selectTrials(), take, environment, problem.hash()); !read)
    return read.error();
  return trials;
}

// A champion with the keys of its rows; points that tie are merged into the one that is shown.
struct Candidate {
  std::int64_t environment = 0;
  std::int64_t problem = 0;
  std::int64_t point = 0;
  Champion champion;
};

bool preferred(const Point& a, const Point& b) {
  const Point usual;
  return a == usual || (b != usual && a < b);
}

constexpr std::string_view kSelectBest =
    "SELECT best.environment, best.problem, best.point, best.seconds, best.samples, problem.id,"
    " problem.json, point.id, point.json, {} FROM best"
    " JOIN environment ON environment.key = best.environment"
    " JOIN problem ON problem.key = best.problem"
    " JOIN point ON point.key = best.point WHERE true";

// The filter by SoC and runner is left to the caller.
Result<std::string> bestQuery(Connection& connection, const ChampionFilter& filter) {
  std::string sql = fmt::format(kSelectBest, kEnvironmentColumns);
  const auto narrow = [&](const char* table, const Hash& id) -> Status {
    auto key = keyOf(connection, table, id);
    if (!key)
      return key.error();
    sql += fmt::format(" AND best.{} = {}", table, *key);
    return {};
  };
  if (filter.environment)
    if (auto done = narrow("environment", *filter.environment); !done)
      return done.error();
  if (filter.problem)
    if (auto done = narrow("problem", filter.problem->hash()); !done)
      return done.error();
  return sql + " ORDER BY best.environment, best.problem";
}

Result<Candidate> readCandidate(const Connection& connection, const Statement& row) {
  auto problem = readProblem(connection, row.hash(5), row.text(6));
  if (!problem)
    return problem.error();
  auto point = readPoint(connection, row.hash(7), row.text(8));
  if (!point)
    return point.error();
  Candidate candidate{
      .environment = row.integer(0), .problem = row.integer(1), .point = row.integer(2)};
  candidate.champion.environment = readEnvironment(row, 9);
  candidate.champion.problem = *problem;
  candidate.champion.point = *point;
  candidate.champion.seconds = row.real(3);
  candidate.champion.samples = row.integer(4);
  return candidate;
}

Result<std::vector<Candidate>> readBest(Connection& connection, const ChampionFilter& filter) {
  auto sql = bestQuery(connection, filter);
  if (!sql)
    return sql.error();
  std::vector<Candidate> candidates;
  const auto take = [&](const Statement& row) -> Status {
    auto candidate = readCandidate(connection, row);
    if (!candidate)
      return candidate.error();
    if (candidates.empty() || candidates.back().environment != candidate->environment ||
        candidates.back().problem != candidate->problem) {
      candidates.push_back(std::move(*candidate));
      return {};
    }
    Candidate& shown = candidates.back();
    candidate->champion.ties = shown.champion.ties + 1;
    if (preferred(candidate->champion.point, shown.champion.point))
      shown = std::move(*candidate);
    else
      shown.champion.ties = candidate->champion.ties;
    return {};
  };
  if (auto read = forEachRow(connection, *sql, take); !read)
    return read.error();
  return candidates;
}

// Number of trials by status, and the newest.
Status readCounts(Connection& connection, Candidate& candidate) {
  const auto count = [&](const Statement& row) -> Status {
    auto status = readStatus(connection, candidate.champion.problem.hash(), row.integer(0));
    if (!status)
      return status.error();
    candidate.champion.trials[static_cast<std::size_t>(*status)] = row.integer(1);
    candidate.champion.lastRecorded = std::max(candidate.champion.lastRecorded, row.integer(2));
    return {};
  };
  return forEachRow(connection,
                    "SELECT status, count(*), max(recorded) FROM trial"
                    " WHERE environment = ? AND problem = ? GROUP BY status",
                    count, candidate.environment, candidate.problem);
}

// The kernel is that of the point's first correct trial; calibrated only if all of them are.
Status readKernel(Connection& connection, Candidate& candidate) {
  auto rows =
      connection.prepare("SELECT source_hash, program_hash, min(calibrated) OVER () FROM trial"
                         " LEFT JOIN kernel ON kernel.key = trial.kernel"
                         " WHERE environment = ? AND problem = ? AND point = ? AND status = 0"
                         " ORDER BY recorded, trial.key LIMIT 1");
  if (!rows)
    return rows.error();
  auto row = rows->bind(candidate.environment, candidate.problem, candidate.point).step();
  if (!row)
    return row.error();
  candidate.champion.sourceHash = rows->hash(0);
  candidate.champion.programHash = rows->hash(1);
  candidate.champion.calibrated = rows->integer(2) != 0;
  return {};
}

Status readWidestProof(Connection& connection, Candidate& candidate) {
  auto proofs = readProofs(connection, candidate.environment, candidate.problem);
  if (!proofs)
    return proofs.error();
  if (!proofs->empty())
    candidate.champion.proof = std::move(proofs->front());
  return {};
}

void sortForPeople(std::vector<Candidate>& candidates) {
  std::map<std::int64_t, std::int64_t> newest; // per environment
  for (const Candidate& candidate : candidates) {
    std::int64_t& recorded = newest[candidate.environment];
    recorded = std::max(recorded, candidate.champion.lastRecorded);
  }
  const auto key = [&newest](const Candidate& candidate) {
    const Environment& environment = candidate.champion.environment;
    const Problem& problem = candidate.champion.problem;
    return std::make_tuple(environment.soc, environment.runner, -newest[candidate.environment],
                           environment.hash(), problem.family, problem.head, problem.causal,
                           problem.dtype, problem.s0, problem.s1);
  };
  std::ranges::sort(candidates, {}, key);
}

} // namespace

std::optional<double> Champion::gap() const {
  return proof ? std::optional(std::max(0.0, 1 - proof->bound / seconds)) : std::nullopt;
}

std::int64_t Champion::trialCount() const {
  std::int64_t all = 0;
  for (const std::int64_t count : trials)
    all += count;
  return all;
}

Result<std::vector<Trial>> Database::trials(const Hash& environment, const Problem& problem) const {
  const std::lock_guard lock(state_->mutex);
  return readTrials(*state_->connection, environment, problem);
}

Result<std::vector<Champion>> Database::champions(const ChampionFilter& filter) const {
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  // One snapshot for all queries.
  auto snapshot = Transaction::begin(connection, Transaction::Kind::read);
  if (!snapshot)
    return snapshot.error();
  auto candidates = readBest(connection, filter);
  if (!candidates)
    return candidates.error();
  std::erase_if(*candidates, [&filter](const Candidate& candidate) {
    const Environment& environment = candidate.champion.environment;
    return (filter.soc && environment.soc != *filter.soc) ||
           (filter.runner && environment.runner != *filter.runner);
  });
  for (Candidate& candidate : *candidates) {
    if (auto read = readCounts(connection, candidate); !read)
      return read.error();
    if (auto read = readKernel(connection, candidate); !read)
      return read.error();
    if (auto read = readWidestProof(connection, candidate); !read)
      return read.error();
  }
  sortForPeople(*candidates);
  std::vector<Champion> champions;
  for (Candidate& candidate : *candidates)
    champions.push_back(std::move(candidate.champion));
  return champions;
}

Result<std::vector<PointTime>> Database::fastest(const Hash& environment, const Problem& problem,
                                                 std::size_t most) const {
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  std::vector<PointTime> times;
  const auto place = placeOf(connection, environment, problem);
  if (!place)
    return place.error();
  auto read = forEachRow(
      connection,
      fmt::format("SELECT point.id, point.json, seconds, samples FROM point_time"
                  " JOIN point ON point.key = point_time.point"
                  " WHERE {} ORDER BY seconds, point.id LIMIT {}",
                  place->where(""), most),
      [&](const Statement& row) -> Status {
        auto point = readPoint(connection, row.hash(0), row.text(1));
        if (!point)
          return point.error();
        times.push_back(
            {.point = *point, .seconds = row.real(2), .samples = row.integer(3), .interval = {}});
        return {};
      });
  if (!read)
    return read.error();
  return times;
}

Result<std::vector<Environment>> Database::environments() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<Environment> environments;
  auto read = forEachRow(
      *state_->connection,
      fmt::format("SELECT {} FROM environment ORDER BY soc, runner, runner_version, toolchain,"
                  " tool_version, id",
                  kEnvironmentColumns),
      [&](const Statement& row) { environments.push_back(readEnvironment(row, 0)); });
  if (!read)
    return read.error();
  return environments;
}

} // namespace ptotune
