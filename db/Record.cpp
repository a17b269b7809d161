// The writing half of Database: one batch of trials in one transaction.
#include "db/DatabaseState.h"
#include "db/Decode.h"
#include "db/Records.h"
#include "db/RowWriter.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

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

Error noSuchSession(const Connection& connection, const SessionId& session) {
  return Error{.message = "trials are recorded in a session that the database does not have",
               .file = connection.file(),
               .key = "session",
               .value = session.value.hex(),
               .advice = "begin a session in this database first"};
}

// A transaction that writes rows of a session.
struct SessionWrite {
  Transaction transaction;
  Recorder recorder;
  RowWriter& writer;

  static Result<SessionWrite> begin(Connection& connection, const Result<RowWriter*>& writer,
                                    const SessionId& session) {
    if (!writer)
      return writer.error();
    auto transaction = Transaction::begin(connection, Transaction::Kind::write);
    if (!transaction)
      return transaction.error();
    auto recorder = (*writer)->recorder(session.value);
    if (!recorder)
      return recorder.error();
    if (!*recorder)
      return noSuchSession(connection, session);
    return SessionWrite{*std::move(transaction), **std::move(recorder), **writer};
  }
};

// The row that a note is about, by the first digits of its id.
Result<Note> findSubject(Connection& connection, const std::string& digits) {
  Error error{.file = connection.file(), .key = "id", .value = digits};
  if (auto sound = checkDigits(digits, error); !sound)
    return sound.error();
  std::vector<Note> found;
  for (std::size_t i = 0; i < kNoteSubjectCount; ++i) {
    const auto subject = static_cast<NoteSubject>(i);
    auto read = sqlite::forEachRow(
        connection,
        fmt::format("SELECT id FROM {} WHERE hex(id) LIKE ?1 || '%' LIMIT 2", name(subject)),
        [&](const sqlite::Statement& row) {
          found.push_back({.subject = subject, .about = row.hash(0)});
        },
        digits);
    if (!read)
      return read.error();
  }
  if (found.size() == 1)
    return found.front();
  error.message = found.empty() ? "the database has no trial, session, point or environment with "
                                  "this id"
                                : "several ids start with these digits";
  if (!found.empty())
    error.expected = "more digits";
  error.advice = fmt::format("'pto-tune db info --db {0}' and 'pto-tune db export --db {0}' list "
                             "ids",
                             connection.file());
  return error;
}

} // namespace

Status Database::record(const SessionId& session, std::span<const Trial> batch) {
  for (const Trial& trial : batch)
    if (auto sound = checkTrial(state_->path, trial); !sound)
      return sound;
  if (batch.empty())
    return {};
  const std::lock_guard lock(state_->mutex);
  auto write = SessionWrite::begin(*state_->connection, state_->writer(), session);
  if (!write)
    return write.error();
  const std::int64_t sessionKey = write->recorder.sessionKey;
  auto ordinal = write->writer.nextOrdinal(sessionKey);
  if (!ordinal)
    return ordinal.error();
  for (const Trial& trial : batch) {
    auto taken = write->writer.add(trial, write->recorder);
    if (!taken)
      return taken.error();
    if (auto asked = write->writer.ask(sessionKey, (*ordinal)++, taken->key); !asked)
      return asked.error();
  }
  return write->transaction.commit();
}

Status Database::recordRejections(const SessionId& session, const Problem& problem,
                                  const Enumeration& enumeration) {
  const std::lock_guard lock(state_->mutex);
  auto write = SessionWrite::begin(*state_->connection, state_->writer(), session);
  if (!write)
    return write.error();
  std::map<std::string, std::uint64_t> counts = enumeration.rejected;
  counts[""] = enumeration.legal;
  for (const auto& [rule, points] : counts) {
    const RejectionRecord record{.session = session.value,
                                 .problem = problem,
                                 .rule = rule,
                                 .points = static_cast<std::int64_t>(points)};
    if (auto done = write->writer.rejection(record, write->recorder.sessionKey); !done)
      return done.error();
  }
  return write->transaction.commit();
}

Status Database::recordProof(const SessionId& session, const Problem& problem,
                             const SpaceProof& proof) {
  if (const auto fault = proofFault(proof))
    return Error{.message = fmt::format("a proof is refused: it has {}", *fault),
                 .file = state_->path,
                 .key = problem.text(),
                 .value = proof.spaceName,
                 .advice = "nothing was stored; this is a defect of pto-tune"};
  const std::lock_guard lock(state_->mutex);
  auto write = SessionWrite::begin(*state_->connection, state_->writer(), session);
  if (!write)
    return write.error();
  const ProofRecord record{.session = session.value, .problem = problem, .proof = proof};
  if (auto done = write->writer.proof(record, write->recorder.sessionKey); !done)
    return done.error();
  return write->transaction.commit();
}

Result<Note> Database::addNote(const std::string& digits, const std::string& text,
                               const std::string& author) {
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  auto transaction = Transaction::begin(connection, Transaction::Kind::write);
  if (!transaction)
    return transaction.error();
  auto note = findSubject(connection, digits);
  if (!note)
    return note;
  note->author = author;
  note->written = microsecondsNow();
  note->text = text;
  if (const auto fault = noteFault(*note))
    return Error{.message = fmt::format("the note has {}", *fault),
                 .file = connection.file(),
                 .expected = "a text in UTF-8"};
  auto writer = state_->writer();
  if (!writer)
    return writer.error();
  if (auto done = (*writer)->note(*note); !done)
    return done.error();
  if (auto done = transaction->commit(); !done)
    return done.error();
  return note;
}

} // namespace ptotune
