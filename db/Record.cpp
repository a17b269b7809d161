// The writing half of Database: one batch of trials in one transaction.
#include "db/DatabaseState.h"
#include "db/Identity.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <unordered_map>

namespace ptotune {
namespace {

using sqlite::Connection;
using sqlite::Statement;
using sqlite::Transaction;

// What no trial may be, whatever its runner says.
Status checkTrial(const std::string& path, const Trial& trial) {
  std::string wrong;
  for (const double sample : trial.seconds)
    if (!std::isfinite(sample) || sample <= 0)
      wrong = fmt::format("a sample of {} s; a sample is a positive time", sample);
  for (const double spent : {trial.prepareSeconds, trial.measureSeconds})
    if (!std::isfinite(spent) || spent < 0)
      wrong = fmt::format("{} s spent; a time spent is zero or more", spent);
  const bool correct = trial.status == TrialStatus::correct;
  if (correct && trial.seconds.empty())
    wrong = "the status correct and no samples";
  if (!correct && !trial.seconds.empty())
    wrong = fmt::format("samples and the status {}; only correct trials have samples",
                        name(trial.status));
  if (wrong.empty())
    return {};
  return Error{.message = fmt::format("a trial is refused: it has {}", wrong),
               .file = path,
               .key = trial.problem.text(),
               .value = trial.point.text(),
               .advice = "nothing of its batch was stored; this is a defect of the runner"};
}

// Rows of one content-addressed table: finds the key of an id, and adds the row when it is new.
class ContentTable {
public:
  ContentTable(Statement find, Statement insert)
      : find_(std::move(find)), insert_(std::move(insert)) {}
  static Result<ContentTable> make(Connection& connection, const char* findSql,
                                   const char* insertSql) {
    auto find = connection.prepare(findSql);
    if (!find)
      return find.error();
    auto insert = connection.prepare(insertSql);
    if (!insert)
      return insert.error();
    return ContentTable(std::move(*find), std::move(*insert));
  }

  // `values` are the columns after the id.
  template <typename... Values>
  Result<std::int64_t> key(Connection& connection, const Hash& id, const Values&... values) {
    auto found = find_.bind(id).step();
    if (!found)
      return found.error();
    if (*found)
      return find_.integer(0);
    if (auto done = insert_.bind(id, values...).run(); !done)
      return done.error();
    return connection.lastKey();
  }

private:
  Statement find_, insert_;
};

struct SessionRow {
  std::int64_t key = 0;
  std::int64_t environment = 0;
  Hash environmentId;
  std::string builder; // kernels are built by the tool itself
};

Result<SessionRow> findSession(Connection& connection, const SessionId& session) {
  auto find = connection.prepare(
      "SELECT session.key, environment.key, environment.id, tool_version FROM session"
      " JOIN environment ON environment.key = session.environment WHERE session.id = ?");
  if (!find)
    return find.error();
  auto row = find->bind(session.value).step();
  if (!row)
    return row.error();
  if (!*row)
    return Error{.message = "trials are recorded in a session that the database does not have",
                 .file = connection.file(),
                 .key = "session",
                 .value = session.value.hex(),
                 .advice = "begin a session in this database first"};
  return SessionRow{.key = find->integer(0),
                    .environment = find->integer(1),
                    .environmentId = find->hash(2),
                    .builder = std::string(find->text(3))};
}

std::optional<Hash> orNull(const Hash& hash) {
  return hash.empty() ? std::nullopt : std::optional(hash);
}

// The statements that store one batch.
class BatchWriter {
public:
  static Result<BatchWriter> make(Connection& connection, SessionRow session);
  Status write(const Trial& trial);

private:
  struct Statements {
    ContentTable problem, point, kernel;
    Statement trial, sample;
  };
  BatchWriter(Connection& connection, SessionRow session, Statements statements)
      : connection_(connection), session_(std::move(session)), do_(std::move(statements)) {}
  Result<std::optional<std::int64_t>> kernelKey(const Trial& trial);
  Status writeSamples(std::int64_t trialKey, const Trial& trial);

  Connection& connection_;
  SessionRow session_;
  Statements do_;
  std::int64_t recorded_ = microsecondsNow();
};

Result<BatchWriter> BatchWriter::make(Connection& connection, SessionRow session) {
  auto problem = ContentTable::make(connection, "SELECT key FROM problem WHERE id = ?",
                                    "INSERT INTO problem (id, family, json) VALUES (?, ?, ?)");
  if (!problem)
    return problem.error();
  auto point = ContentTable::make(connection, "SELECT key FROM point WHERE id = ?",
                                  "INSERT INTO point (id, json) VALUES (?, ?)");
  if (!point)
    return point.error();
  auto kernel = ContentTable::make(connection, "SELECT key FROM kernel WHERE id = ?",
                                   "INSERT INTO kernel (id, family, builder, source_hash,"
                                   " program_hash) VALUES (?, ?, ?, ?, ?)");
  if (!kernel)
    return kernel.error();
  auto trial = connection.prepare(
      "INSERT INTO trial (id, environment, problem, point, kernel, status, calibrated, detail,"
      " prepare_seconds, measure_seconds, recorded, session)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
      " ON CONFLICT (environment, problem, point, status, id) DO NOTHING");
  if (!trial)
    return trial.error();
  auto sample = connection.prepare("INSERT INTO sample (trial, ordinal, seconds) VALUES (?, ?, ?)");
  if (!sample)
    return sample.error();
  return BatchWriter(connection, std::move(session),
                     Statements{std::move(*problem), std::move(*point), std::move(*kernel),
                                std::move(*trial), std::move(*sample)});
}

Result<std::optional<std::int64_t>> BatchWriter::kernelKey(const Trial& trial) {
  if (trial.sourceHash.empty() && trial.programHash.empty())
    return std::optional<std::int64_t>();
  const KernelIdentity kernel{.family = trial.problem.family,
                              .builder = session_.builder,
                              .source = trial.sourceHash,
                              .program = trial.programHash};
  auto key = do_.kernel.key(connection_, contentId(kernel), kernel.family, kernel.builder,
                            orNull(kernel.source), orNull(kernel.program));
  if (!key)
    return key.error();
  return std::optional(*key);
}

Status BatchWriter::writeSamples(std::int64_t trialKey, const Trial& trial) {
  std::int64_t ordinal = 0;
  for (const double seconds : trial.seconds)
    if (auto done = do_.sample.bind(trialKey, ordinal++, seconds).run(); !done)
      return done;
  return {};
}

Status BatchWriter::write(const Trial& trial) {
  const std::string problemJson = trial.problem.json();
  const std::string pointJson = trial.point.json();
  const TrialPlace place{session_.environmentId, Hash::of(problemJson), Hash::of(pointJson)};
  auto problem = do_.problem.key(connection_, place.problem, trial.problem.family, problemJson);
  if (!problem)
    return problem.error();
  auto point = do_.point.key(connection_, place.point, pointJson);
  if (!point)
    return point.error();
  auto kernel = kernelKey(trial);
  if (!kernel)
    return kernel.error();
  if (auto done =
          do_.trial
              .bind(contentId(place, trial), session_.environment, *problem, *point, *kernel,
                    static_cast<std::int64_t>(trial.status), trial.calibrated, trial.detail,
                    trial.prepareSeconds, trial.measureSeconds, recorded_, session_.key)
              .run();
      !done)
    return done;
  if (connection_.changes() == 0)
    return {}; // known already, with its samples
  return writeSamples(connection_.lastKey(), trial);
}

} // namespace

Status Database::record(const SessionId& session, std::span<const Trial> batch) {
  for (const Trial& trial : batch)
    if (auto sound = checkTrial(state_->path, trial); !sound)
      return sound;
  if (batch.empty())
    return {};
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  auto transaction = Transaction::begin(connection, Transaction::Kind::write);
  if (!transaction)
    return transaction.error();
  auto row = findSession(connection, session);
  if (!row)
    return row.error();
  auto writer = BatchWriter::make(connection, *row);
  if (!writer)
    return writer.error();
  for (const Trial& trial : batch)
    if (auto done = writer->write(trial); !done)
      return done;
  return transaction->commit();
}

} // namespace ptotune
