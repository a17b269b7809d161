#include "db/RowWriter.h"

#include "db/DatabaseState.h"

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
    "INSERT INTO environment (id, soc, soc_hash, runner, runner_version, toolchain, tool_version,"
    " cores, frequency, isa_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
constexpr TableSql kSession = {
    "SELECT key FROM session WHERE id = ?",
    "INSERT INTO session (id, environment, host, command, started, nonce, device, searcher, seed,"
    " options) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
constexpr TableSql kProblem = {"SELECT key FROM problem WHERE id = ?",
                               "INSERT INTO problem (id, family, json) VALUES (?, ?, ?)"};
constexpr TableSql kPoint = {"SELECT key FROM point WHERE id = ?",
                             "INSERT INTO point (id, json) VALUES (?, ?)"};
constexpr TableSql kKernel = {
    "SELECT key FROM kernel WHERE id = ?",
    "INSERT INTO kernel (id, family, builder, source_hash, program_hash) VALUES (?, ?, ?, ?, ?)"};
constexpr TableSql kNote = {
    "SELECT key FROM note WHERE id = ?",
    "INSERT INTO note (id, subject, about, author, written, text) VALUES (?, ?, ?, ?, ?, ?)"};

constexpr const char* kTrial =
    "INSERT INTO trial (id, environment, problem, point, kernel, status, calibrated, detail,"
    " prepare_seconds, measure_seconds, bound, recorded, session)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (environment, problem, point, status, id) DO NOTHING";
constexpr const char* kSample = "INSERT INTO sample (trial, ordinal, seconds) VALUES (?, ?, ?)";
// A total order, so that it does not matter which file is merged into which.
constexpr const char* kEarlier =
    "UPDATE trial SET recorded = ?1, session = ?2, prepare_seconds = ?3, measure_seconds = ?4,"
    " bound = ?5 WHERE key = ?6 AND (?1, ?7, ?3, ?4, ?5) < (recorded,"
    " (SELECT id FROM session WHERE key = trial.session), prepare_seconds, measure_seconds, bound)";
constexpr const char* kKnown =
    "SELECT key FROM trial WHERE environment = ? AND problem = ? AND point = ? AND status = ?"
    " AND id = ?";
constexpr const char* kAsk = "INSERT INTO ask (session, ordinal, trial) VALUES (?, ?, ?)"
                             " ON CONFLICT (session, ordinal) DO UPDATE SET trial = excluded.trial"
                             " WHERE (SELECT id FROM trial WHERE key = excluded.trial)"
                             " < (SELECT id FROM trial WHERE key = ask.trial)";
constexpr const char* kLastAsk = "SELECT coalesce(max(ordinal), -1) FROM ask WHERE session = ?";
constexpr const char* kRejection =
    "INSERT INTO rejection (session, problem, rule, points) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (session, problem, rule) DO UPDATE SET points = excluded.points"
    " WHERE excluded.points > rejection.points";
constexpr const char* kRecorder =
    "SELECT session.key, environment.key, environment.id, tool_version FROM session"
    " JOIN environment ON environment.key = session.environment WHERE session.id = ?";
constexpr const char* kProof =
    "INSERT INTO proof (session, problem, space, space_name, points, bound)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (session, problem, space) DO UPDATE SET"
    " space_name = excluded.space_name, points = excluded.points, bound = excluded.bound"
    " WHERE (excluded.bound, excluded.points, excluded.space_name)"
    " > (proof.bound, proof.points, proof.space_name)";

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
  auto note = table(kNote);
  for (const auto* made : {&environment, &session, &problem, &point, &kernel, &note})
    if (!*made)
      return made->error();
  auto trial = connection.prepare(kTrial);
  auto sample = connection.prepare(kSample);
  auto earlier = connection.prepare(kEarlier);
  auto known = connection.prepare(kKnown);
  auto ask = connection.prepare(kAsk);
  auto lastAsk = connection.prepare(kLastAsk);
  auto rejection = connection.prepare(kRejection);
  auto proof = connection.prepare(kProof);
  auto recorder = connection.prepare(kRecorder);
  for (const auto* made :
       {&trial, &sample, &earlier, &known, &ask, &lastAsk, &rejection, &proof, &recorder})
    if (!*made)
      return made->error();
  return RowWriter(connection,
                   Statements{std::move(*environment), std::move(*session), std::move(*problem),
                              std::move(*point), std::move(*kernel), std::move(*note),
                              std::move(*trial), std::move(*sample), std::move(*earlier),
                              std::move(*known), std::move(*ask), std::move(*lastAsk),
                              std::move(*rejection), std::move(*proof), std::move(*recorder)});
}

Result<std::optional<Recorder>> RowWriter::recorder(const Hash& session) {
  sqlite::Statement& find = do_.recorder.bind(session);
  auto row = find.step();
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<Recorder>();
  Recorder recorder{.environmentKey = find.integer(1),
                    .environment = find.hash(2),
                    .builder = std::string(find.text(3)),
                    .sessionKey = find.integer(0),
                    .session = session,
                    .recorded = microsecondsNow()};
  if (auto done = find.run(); !done)
    return done.error();
  return std::optional(std::move(recorder));
}

Result<ContentTable::Key> RowWriter::environment(const Environment& environment) {
  return do_.environment.key(connection_, environment.hash(), environment.soc, environment.socHash,
                             environment.runner, environment.runnerVersion, environment.toolchain,
                             environment.toolVersion, environment.cores, environment.frequency,
                             environment.isaHash);
}

Result<ContentTable::Key> RowWriter::session(const SessionIdentity& session,
                                             std::int64_t environmentKey) {
  return do_.session.key(connection_, contentId(session), environmentKey, session.host,
                         session.command, session.started, session.nonce, session.device,
                         session.searcher, session.seed, session.options);
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

Result<RowWriter::Taken> RowWriter::insert(const Trial& trial, const Recorder& recorder,
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
  const auto status = static_cast<std::int64_t>(trial.status);
  if (auto done =
          do_.trial
              .bind(place.id, recorder.environmentKey, place.problem, place.point, *kernel, status,
                    trial.calibrated, trial.detail, trial.prepareSeconds, trial.measureSeconds,
                    trial.boundSeconds, recorder.recorded, recorder.sessionKey)
              .run();
      !done)
    return done.error();
  if (connection_.changes() == 0) { // known, with its samples
    auto known =
        do_.known.bind(recorder.environmentKey, place.problem, place.point, status, place.id)
            .integer();
    if (!known)
      return known.error();
    return Taken{Stored::known, known->value_or(0)};
  }
  const std::int64_t key = connection_.lastKey();
  if (auto done = writeSamples(key, trial); !done)
    return done.error();
  return Taken{Stored::added, key};
}

Result<RowWriter::Taken> RowWriter::add(const Trial& trial, const Recorder& recorder) {
  Place place;
  return insert(trial, recorder, place);
}

Result<RowWriter::Taken> RowWriter::merge(const Trial& trial, const Recorder& recorder) {
  Place place;
  auto taken = insert(trial, recorder, place);
  if (!taken || taken->stored == Stored::added)
    return taken;
  if (auto done = do_.earlier
                      .bind(recorder.recorded, recorder.sessionKey, trial.prepareSeconds,
                            trial.measureSeconds, trial.boundSeconds, taken->key, recorder.session)
                      .run();
      !done)
    return done.error();
  if (connection_.changes() > 0)
    taken->stored = Stored::earlier;
  return taken;
}

Result<bool> RowWriter::changed(sqlite::Statement& statement) {
  if (auto done = statement.run(); !done)
    return done.error();
  return connection_.changes() > 0;
}

Result<bool> RowWriter::ask(std::int64_t sessionKey, std::int64_t ordinal, std::int64_t trialKey) {
  return changed(do_.ask.bind(sessionKey, ordinal, trialKey));
}

Result<std::int64_t> RowWriter::nextOrdinal(std::int64_t sessionKey) {
  auto last = do_.lastAsk.bind(sessionKey).integer();
  if (!last)
    return last.error();
  return last->value_or(-1) + 1;
}

Result<std::int64_t> RowWriter::problemKey(const Problem& problem) {
  const std::string json = problem.json();
  auto row = do_.problem.key(connection_, Hash::of(json), problem.family, json);
  if (!row)
    return row.error();
  return row->key;
}

Result<bool> RowWriter::rejection(const RejectionRecord& record, std::int64_t sessionKey) {
  auto problem = problemKey(record.problem);
  if (!problem)
    return problem.error();
  return changed(do_.rejection.bind(sessionKey, *problem, record.rule, record.points));
}

Result<bool> RowWriter::proof(const ProofRecord& record, std::int64_t sessionKey) {
  auto problem = problemKey(record.problem);
  if (!problem)
    return problem.error();
  const SpaceProof& proof = record.proof;
  return changed(do_.proof.bind(sessionKey, *problem, proof.space, proof.spaceName, proof.points,
                                proof.bound));
}

Result<bool> RowWriter::note(const Note& note) {
  auto row = do_.note.key(connection_, contentId(note), static_cast<std::int64_t>(note.subject),
                          note.about, note.author, note.written, note.text);
  if (!row)
    return row.error();
  return row->added;
}

} // namespace ptotune
