// What travels between databases: reading everything as values, and taking it in.
#include "db/DatabaseState.h"
#include "db/Decode.h"
#include "db/Records.h"
#include "db/RowWriter.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <unordered_map>

namespace ptotune {
namespace {

using sqlite::Connection;
using sqlite::Statement;
using sqlite::Transaction;

// As the content id sees it: bytes that are no UTF-8 become U+FFFD.
std::string asHashed(std::string_view text) {
  const std::string json =
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return nlohmann::json::parse(json).get<std::string>();
}

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
    for (std::string* text :
         {&read.soc, &read.runner, &read.runnerVersion, &read.toolchain, &read.toolVersion})
      *text = asHashed(*text);
    if (read.hash() != row.hash(0))
      return damagedRow(connection, "an environment does not have the content of its id",
                        row.hash(0));
    records.environments.push_back(std::move(read));
    return {};
  };
  return forEachRow(
      connection,
      "SELECT id, soc, soc_hash, runner, runner_version, toolchain, tool_version FROM environment"
      " WHERE true" +
          where("key", filter.environment) + " ORDER BY key",
      environment);
}

Status readSessions(Connection& connection, const Keys& filter, Records& records) {
  const auto session = [&](const Statement& row) -> Status {
    SessionIdentity read{.environment = row.hash(1),
                         .host = asHashed(row.text(2)),
                         .command = asHashed(row.text(3)),
                         .started = row.integer(4),
                         .nonce = row.integer(5)};
    if (contentId(read) != row.hash(0))
      return damagedRow(connection, "a session does not have the content of its id", row.hash(0));
    records.sessions.push_back(std::move(read));
    return {};
  };
  return forEachRow(connection,
                    "SELECT session.id, environment.id, host, command, started, nonce FROM session"
                    " JOIN environment ON environment.key = session.environment WHERE true" +
                        where("session.environment", filter.environment) + " ORDER BY session.key",
                    session);
}

constexpr std::string_view kSelectRecords = R"sql(
SELECT trial.id, environment.id, session.id, recorded, problem.id, problem.json, point.id,
       point.json, status, calibrated, detail, source_hash, program_hash, prepare_seconds,
       measure_seconds, sample.seconds, trial.key
FROM trial
JOIN environment ON environment.key = trial.environment
JOIN session ON session.key = trial.session
JOIN problem ON problem.key = trial.problem
JOIN point ON point.key = trial.point
LEFT JOIN kernel ON kernel.key = trial.kernel
LEFT JOIN sample ON sample.trial = trial.key
WHERE true)sql";

// Reads the rows of kSelectRecords; every problem and point is parsed once.
class RecordReader {
public:
  RecordReader(const Connection& connection, Records& records)
      : connection_(connection), records_(records) {}

  Status row(const Statement& row) {
    if (records_.trials.empty() || row.integer(16) != key_) {
      if (auto sound = finish(); !sound)
        return sound;
      if (auto begun = begin(row); !begun)
        return begun;
    }
    if (!row.isNull(15))
      records_.trials.back().trial.seconds.push_back(row.real(15));
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
    key_ = row.integer(16);
    id_ = row.hash(0);
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
    auto status = readStatus(connection_, id_, row.integer(8));
    if (!status)
      return status.error();
    TrialRecord& record = records_.trials.emplace_back();
    record.environment = row.hash(1);
    record.session = row.hash(2);
    record.recorded = row.integer(3);
    record.trial.problem = problems_.at(row.hash(4));
    record.trial.point = points_.at(row.hash(6));
    record.trial.status = *status;
    record.trial.calibrated = row.integer(9) != 0;
    record.trial.detail = row.text(10);
    record.trial.sourceHash = row.hash(11);
    record.trial.programHash = row.hash(12);
    record.trial.prepareSeconds = row.real(13);
    record.trial.measureSeconds = row.real(14);
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
  std::string sql(kSelectRecords);
  sql += where("trial.environment", filter.environment) + where("trial.problem", filter.problem);
  RecordReader reader(connection, records);
  if (auto read = forEachRow(connection, sql + " ORDER BY recorded, trial.key, ordinal",
                             [&reader](const Statement& row) { return reader.row(row); });
      !read)
    return read;
  return reader.finish();
}

// Takes in records inside the caller's transaction.
Status take(Connection& connection, const Records& records, Taken& taken) {
  auto writer = RowWriter::make(connection);
  if (!writer)
    return writer.error();
  struct Known {
    std::int64_t key;
    std::string builder;
  };
  std::unordered_map<Hash, Known> environments;
  for (const Environment& environment : records.environments) {
    auto key = writer->environment(environment);
    if (!key)
      return key.error();
    taken.environments += key->added;
    environments.emplace(environment.hash(), Known{key->key, environment.toolVersion});
  }
  std::unordered_map<Hash, std::int64_t> sessions;
  for (const SessionIdentity& session : records.sessions) {
    auto key = writer->session(session, environments.at(session.environment).key);
    if (!key)
      return key.error();
    taken.sessions += key->added;
    sessions.emplace(contentId(session), key->key);
  }
  for (const TrialRecord& record : records.trials) {
    const Known& environment = environments.at(record.environment);
    auto stored = writer->merge(record.trial, Recorder{.environmentKey = environment.key,
                                                       .environment = record.environment,
                                                       .builder = environment.builder,
                                                       .sessionKey = sessions.at(record.session),
                                                       .session = record.session,
                                                       .recorded = record.recorded});
    if (!stored)
      return stored.error();
    ++(*stored == RowWriter::Stored::added     ? taken.trials
       : *stored == RowWriter::Stored::earlier ? taken.earlier
                                               : taken.known);
  }
  return {};
}

// Records that no database may hold.
Status checkRecords(const std::string& path, const Records& records) {
  if (auto complete = checkReferences(records); !complete) {
    Error error = complete.error();
    error.file = path;
    return error;
  }
  for (const TrialRecord& record : records.trials)
    if (const auto fault = trialFault(record.trial))
      return Error{.message = fmt::format("a trial is refused: it has {}", *fault),
                   .file = path,
                   .key = "trial",
                   .value = record.id().hex(),
                   .advice = "nothing was stored"};
  return {};
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
  if (auto read = readEnvironments(connection, *keys, records); !read)
    return read.error();
  if (auto read = readSessions(connection, *keys, records); !read)
    return read.error();
  if (auto read = readTrials(connection, *keys, records); !read)
    return read.error();
  return records;
}

Result<Taken> Database::take(const Records& records) {
  if (auto sound = checkRecords(state_->path, records); !sound)
    return sound.error();
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  auto transaction = Transaction::begin(connection, Transaction::Kind::write);
  if (!transaction)
    return transaction.error();
  Taken taken;
  if (auto done = ptotune::take(connection, records, taken); !done)
    return done.error();
  if (auto done = transaction->commit(); !done)
    return done.error();
  return taken;
}

} // namespace ptotune
