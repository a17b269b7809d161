#include "db/RowWriter.h"

namespace ptotune {
namespace {

using sqlite::Connection;

// Find and insert of one table.
struct TableSql {
  const char* find;
  const char* insert;
};

constexpr TableSql kEnvironment = {
    "SELECT key FROM environment WHERE id = ?",
    "INSERT INTO environment (id, soc, soc_hash, runner, runner_version, toolchain, tool_version)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"};
constexpr TableSql kSession = {
    "SELECT key FROM session WHERE id = ?",
    "INSERT INTO session (id, environment, host, command, started, nonce)"
    " VALUES (?, ?, ?, ?, ?, ?)"};
constexpr TableSql kProblem = {"SELECT key FROM problem WHERE id = ?",
                               "INSERT INTO problem (id, family, json) VALUES (?, ?, ?)"};
constexpr TableSql kPoint = {"SELECT key FROM point WHERE id = ?",
                             "INSERT INTO point (id, json) VALUES (?, ?)"};
constexpr TableSql kKernel = {
    "SELECT key FROM kernel WHERE id = ?",
    "INSERT INTO kernel (id, family, builder, source_hash, program_hash) VALUES (?, ?, ?, ?, ?)"};

constexpr const char* kTrial =
    "INSERT INTO trial (id, environment, problem, point, kernel, status, calibrated, detail,"
    " prepare_seconds, measure_seconds, recorded, session)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (environment, problem, point, status, id) DO NOTHING";
constexpr const char* kSample = "INSERT INTO sample (trial, ordinal, seconds) VALUES (?, ?, ?)";
// A total order, so that it does not matter which file is merged into which.
constexpr const char* kEarlier =
    "UPDATE trial SET recorded = ?1, session = ?2, prepare_seconds = ?3, measure_seconds = ?4"
    " WHERE environment = ?5 AND problem = ?6 AND point = ?7 AND status = ?8 AND id = ?9"
    " AND (?1, ?10, ?3, ?4) < (recorded, (SELECT id FROM session WHERE key = trial.session),"
    " prepare_seconds, measure_seconds)";

std::optional<Hash> orNull(const Hash& hash) {
  return hash.empty() ? std::nullopt : std::optional(hash);
}

} // namespace

Result<ContentTable> ContentTable::make(Connection& connection, const char* findSql,
                                        const char* insertSql) {
  auto find = connection.prepare(findSql);
  if (!find)
    return find.error();
  auto insert = connection.prepare(insertSql);
  if (!insert)
    return insert.error();
  return ContentTable(std::move(*find), std::move(*insert));
}

Result<RowWriter> RowWriter::make(Connection& connection) {
  const auto table = [&connection](const TableSql& sql) {
    return ContentTable::make(connection, sql.find, sql.insert);
  };
  auto environment = table(kEnvironment);
  auto session = table(kSession);
  auto problem = table(kProblem);
  auto point = table(kPoint);
  auto kernel = table(kKernel);
  for (const auto* made : {&environment, &session, &problem, &point, &kernel})
    if (!*made)
      return made->error();
  auto trial = connection.prepare(kTrial);
  auto sample = connection.prepare(kSample);
  auto earlier = connection.prepare(kEarlier);
  for (const auto* made : {&trial, &sample, &earlier})
    if (!*made)
      return made->error();
  return RowWriter(connection,
                   Statements{std::move(*environment), std::move(*session), std::move(*problem),
                              std::move(*point), std::move(*kernel), std::move(*trial),
                              std::move(*sample), std::move(*earlier)});
}

Result<ContentTable::Key> RowWriter::environment(const Environment& environment) {
  return do_.environment.key(connection_, environment.hash(), environment.soc, environment.socHash,
                             environment.runner, environment.runnerVersion, environment.toolchain,
                             environment.toolVersion);
}

Result<ContentTable::Key> RowWriter::session(const SessionIdentity& session,
                                             std::int64_t environmentKey) {
  return do_.session.key(connection_, contentId(session), environmentKey, session.host,
                         session.command, session.started, session.nonce);
}

Result<std::optional<std::int64_t>> RowWriter::kernelKey(const Trial& trial,
                                                         const std::string& builder) {
  if (trial.sourceHash.empty() && trial.programHash.empty())
    return std::optional<std::int64_t>();
  const KernelIdentity kernel{.family = trial.problem.family,
                              .builder = builder,
                              .source = trial.sourceHash,
                              .program = trial.programHash};
  auto found = do_.kernel.key(connection_, contentId(kernel), kernel.family, kernel.builder,
                              orNull(kernel.source), orNull(kernel.program));
  if (!found)
    return found.error();
  return std::optional(found->key);
}

Status RowWriter::writeSamples(std::int64_t trialKey, const Trial& trial) {
  std::int64_t ordinal = 0;
  for (const double seconds : trial.seconds)
    if (auto done = do_.sample.bind(trialKey, ordinal++, seconds).run(); !done)
      return done;
  return {};
}

Result<RowWriter::Stored> RowWriter::insert(const Trial& trial, const Recorder& recorder,
                                            Place& place) {
  const std::string problemJson = trial.problem.json();
  const std::string pointJson = trial.point.json();
  const TrialPlace ids{recorder.environment, Hash::of(problemJson), Hash::of(pointJson)};
  auto problem = do_.problem.key(connection_, ids.problem, trial.problem.family, problemJson);
  if (!problem)
    return problem.error();
  auto point = do_.point.key(connection_, ids.point, pointJson);
  if (!point)
    return point.error();
  auto kernel = kernelKey(trial, recorder.builder);
  if (!kernel)
    return kernel.error();
  place = {contentId(ids, trial), problem->key, point->key};
  if (auto done = do_.trial
                      .bind(place.id, recorder.environmentKey, place.problem, place.point, *kernel,
                            static_cast<std::int64_t>(trial.status), trial.calibrated, trial.detail,
                            trial.prepareSeconds, trial.measureSeconds, recorder.recorded,
                            recorder.sessionKey)
                      .run();
      !done)
    return done.error();
  if (connection_.changes() == 0)
    return Stored::known; // with its samples
  if (auto done = writeSamples(connection_.lastKey(), trial); !done)
    return done.error();
  return Stored::added;
}

Result<RowWriter::Stored> RowWriter::add(const Trial& trial, const Recorder& recorder) {
  Place place;
  return insert(trial, recorder, place);
}

Result<RowWriter::Stored> RowWriter::merge(const Trial& trial, const Recorder& recorder) {
  Place place;
  auto stored = insert(trial, recorder, place);
  if (!stored || *stored == Stored::added)
    return stored;
  if (auto done =
          do_.earlier
              .bind(recorder.recorded, recorder.sessionKey, trial.prepareSeconds,
                    trial.measureSeconds, recorder.environmentKey, place.problem, place.point,
                    static_cast<std::int64_t>(trial.status), place.id, recorder.session)
              .run();
      !done)
    return done.error();
  return connection_.changes() > 0 ? Stored::earlier : Stored::known;
}

} // namespace ptotune
