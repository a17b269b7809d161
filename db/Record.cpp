// The writing half of Database: one batch of trials in one transaction.
#include "db/DatabaseState.h"
#include "db/Records.h"
#include "db/RowWriter.h"

#include <fmt/format.h>

namespace ptotune {
namespace {

using sqlite::Connection;
using sqlite::Transaction;

// What no trial may be, whatever its runner says.
Status checkTrial(const std::string& path, const Trial& trial) {
  const auto fault = trialFault(trial);
  if (!fault)
    return {};
  return Error{.message = fmt::format("a trial is refused: it has {}", *fault),
               .file = path,
               .key = trial.problem.text(),
               .value = trial.point.text(),
               .advice = "nothing of its batch was stored; this is a defect of the runner"};
}

Result<Recorder> findSession(Connection& connection, const SessionId& session) {
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
  return Recorder{.environmentKey = find->integer(1),
                  .environment = find->hash(2),
                  .builder = std::string(find->text(3)),
                  .sessionKey = find->integer(0),
                  .session = session.value,
                  .recorded = microsecondsNow()};
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
  auto recorder = findSession(connection, session);
  if (!recorder)
    return recorder.error();
  auto writer = RowWriter::make(connection);
  if (!writer)
    return writer.error();
  for (const Trial& trial : batch)
    if (auto done = writer->add(trial, *recorder); !done)
      return done.error();
  return transaction->commit();
}

} // namespace ptotune
