#include "db/maintain/Recover.h"

#include "db/Database.h"
#include "db/DatabaseState.h"
#include "db/Decode.h"
#include "db/Schema.h"
#include "db/maintain/Salvage.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace ptotune {
namespace {

using sqlite::Connection;
using sqlite::Statement;

constexpr const char* kCommand = "pto-tune db recover";

// The columns of version 1, with what stands for those that came later.
struct Columns {
  std::string environment, session, bound;
};
Columns columnsOf(std::int64_t version) {
  if (version >= 2)
    return {kEnvironmentColumns, kSessionColumns, "bound"};
  return {"soc, soc_hash, runner, runner_version, toolchain, tool_version, 0, 0, ''",
          "host, command, started, nonce, '', '', 0, ''", "0.0"};
}

struct RawTrial {
  Hash id;
  std::int64_t environment = 0, problem = 0, point = 0, session = 0;
  std::optional<std::int64_t> kernel;
  std::int64_t recorded = 0;
  Trial trial; // without problem, point, hashes and samples
};

class Recovery {
public:
  Recovery(Connection& connection, std::int64_t version)
      : connection_(connection), salvage_(connection), version_(version),
        columns_(columnsOf(version)) {}

  Records read(std::vector<std::string>& lost) {
    readEnvironments();
    readSessions();
    readKernels();
    readPlaces();
    readSamples();
    readTrials();
    if (version_ >= 2) {
      readAsks();
      readRejections();
      readNotes();
    }
    if (version_ >= 3)
      readProofs();
    tell(lost);
    return std::move(records_);
  }

private:
  template <typename T> using ByKey = std::unordered_map<std::int64_t, T>;

  void readTable(const char* table, const char* key, const std::string& columns,
                 const Salvage::Visit& visit) {
    if (const std::int64_t count = salvage_.read(table, key, columns, visit); count > 0)
      unreadable_.emplace_back(table, count);
  }
  // Keeps what has the content of its id.
  bool keep(const char* table, bool sound) {
    if (!sound)
      ++broken_[table];
    return sound;
  }

  void readEnvironments() {
    readTable("environment", "key", "id, " + columns_.environment, [this](const Statement& row) {
      Environment read = readEnvironment(row, 2);
      if (!keep("environment", read.hash() == row.hash(1)))
        return;
      if (environments_.emplace(row.integer(0), read).second)
        records_.environments.push_back(std::move(read));
    });
  }

  void readSessions() {
    // readSession() takes the column before its own for the environment's id, which only its key
    // leads to.
    readTable("session", "key", "environment, id, NULL, " + columns_.session,
              [this](const Statement& row) {
                const auto owner = environments_.find(row.integer(1));
                SessionIdentity read = readSession(row, 4);
                if (owner != environments_.end())
                  read.environment = owner->second.hash();
                if (!keep("session", contentId(read) == row.hash(2)))
                  return;
                if (sessions_.emplace(row.integer(0), contentId(read)).second)
                  records_.sessions.push_back(std::move(read));
              });
  }

  void readKernels() {
    readTable("kernel", "key", "id, family, builder, source_hash, program_hash",
              [this](const Statement& row) {
                const KernelIdentity read{std::string(row.text(2)), std::string(row.text(3)),
                                          row.hash(4), row.hash(5)};
                if (keep("kernel", contentId(read) == row.hash(1)))
                  kernels_.emplace(row.integer(0), read);
              });
  }

  void readPlaces() {
    readTable("problem", "key", "id, json", [this](const Statement& row) {
      auto read = readProblem(connection_, row.hash(1), row.text(2));
      if (keep("problem", read.ok()))
        problems_.emplace(row.integer(0), std::move(*read));
    });
    readTable("point", "key", "id, json", [this](const Statement& row) {
      auto read = readPoint(connection_, row.hash(1), row.text(2));
      if (keep("point", read.ok()))
        points_.emplace(row.integer(0), *read);
    });
  }

  void readSamples() {
    readTable("sample", "trial", "ordinal, seconds", [this](const Statement& row) {
      samples_[row.integer(0)][row.integer(1)] = row.real(2);
    });
  }

  void readTrials() {
    readTable("trial", "key",
              "id, environment, problem, point, kernel, session, recorded, status, calibrated,"
              " detail, prepare_seconds, measure_seconds, " +
                  columns_.bound,
              [this](const Statement& row) {
                RawTrial raw{.id = row.hash(1),
                             .environment = row.integer(2),
                             .problem = row.integer(3),
                             .point = row.integer(4),
                             .session = row.integer(6),
                             .kernel = {},
                             .recorded = row.integer(7),
                             .trial = {}};
                if (!row.isNull(5))
                  raw.kernel = row.integer(5);
                raw.trial.status = static_cast<TrialStatus>(row.integer(8));
                raw.trial.calibrated = row.integer(9) != 0;
                raw.trial.detail = row.text(10);
                raw.trial.prepareSeconds = row.real(11);
                raw.trial.measureSeconds = row.real(12);
                raw.trial.boundSeconds = row.real(13);
                keep("trial", complete(row.integer(0), std::move(raw)));
              });
  }

  // Whether the trial, with all that belongs to it, has the content of its id.
  bool complete(std::int64_t key, RawTrial raw) {
    const auto environment = environments_.find(raw.environment);
    const auto problem = problems_.find(raw.problem);
    const auto point = points_.find(raw.point);
    if (environment == environments_.end() || problem == problems_.end() || point == points_.end())
      return false;
    if (raw.kernel) {
      const auto kernel = kernels_.find(*raw.kernel);
      if (kernel == kernels_.end())
        return false;
      raw.trial.sourceHash = kernel->second.source;
      raw.trial.programHash = kernel->second.program;
    }
    raw.trial.problem = problem->second;
    raw.trial.point = point->second;
    if (const auto samples = samples_.find(key); samples != samples_.end())
      for (const auto& [ordinal, seconds] : samples->second)
        raw.trial.seconds.push_back(seconds);
    TrialRecord record{.environment = environment->second.hash(),
                       .session = {},
                       .recorded = raw.recorded,
                       .trial = std::move(raw.trial)};
    if (record.id() != raw.id || trialFault(record.trial))
      return false;
    record.session = sessionOf(raw.session, record.environment);
    trials_.emplace(key, raw.id);
    records_.trials.push_back(std::move(record));
    return true;
  }

  // Of a trial; one of its own for each environment where the session is lost.
  Hash sessionOf(std::int64_t key, const Hash& environment) {
    if (const auto found = sessions_.find(key); found != sessions_.end())
      return found->second;
    const SessionIdentity substitute{.environment = environment, .host = "", .command = kCommand};
    if (substitutes_.insert(environment).second)
      records_.sessions.push_back(substitute);
    ++homeless_;
    return contentId(substitute);
  }

  void readAsks() {
    readTable("ask", "session", "ordinal, trial", [this](const Statement& row) {
      const auto session = sessions_.find(row.integer(0));
      const auto trial = trials_.find(row.integer(2));
      if (keep("ask", session != sessions_.end() && trial != trials_.end()))
        records_.asks.push_back({session->second, row.integer(1), trial->second});
    });
  }

  void readRejections() {
    readTable("rejection", "session", "problem, rule, points", [this](const Statement& row) {
      const auto session = sessions_.find(row.integer(0));
      const auto problem = problems_.find(row.integer(1));
      if (keep("rejection", session != sessions_.end() && problem != problems_.end()))
        records_.rejections.push_back(
            {session->second, problem->second, std::string(row.text(2)), row.integer(3)});
    });
  }

  void readProofs() {
    readTable("proof", "session", "problem, space, space_name, points, bound",
              [this](const Statement& row) {
                const auto session = sessions_.find(row.integer(0));
                const auto problem = problems_.find(row.integer(1));
                const SpaceProof proof = readProof(row, 2);
                if (keep("proof", session != sessions_.end() && problem != problems_.end() &&
                                      !proofFault(proof)))
                  records_.proofs.push_back({session->second, problem->second, proof});
              });
  }

  void readNotes() {
    readTable("note", "key", "id, subject, about, author, written, text",
              [this](const Statement& row) {
                auto note = readNote(connection_, row, 1);
                if (keep("note", note && !noteFault(*note)))
                  records_.notes.push_back(std::move(*note));
              });
  }

  void tell(std::vector<std::string>& lost) const {
    for (const auto& [table, count] : unreadable_)
      lost.push_back(
          fmt::format("{}: up to {} rows stand on pages that cannot be read", table, count));
    for (const auto& [table, count] : broken_)
      lost.push_back(fmt::format("{}: {} rows that were read do not have the content of their id, "
                                 "or miss what belongs to them",
                                 table, count));
    if (homeless_ > 0)
      lost.push_back(fmt::format("session: {} trials were kept whose session is lost; '{}' stands "
                                 "for it",
                                 homeless_, kCommand));
  }

  Connection& connection_;
  Salvage salvage_;
  std::int64_t version_;
  Columns columns_;
  Records records_;
  std::vector<std::pair<std::string, std::int64_t>> unreadable_; // table, keys
  std::map<std::string, std::int64_t> broken_;                   // table -> rows
  std::int64_t homeless_ = 0;
  ByKey<Environment> environments_;
  ByKey<Hash> sessions_, trials_;
  ByKey<KernelIdentity> kernels_;
  ByKey<Problem> problems_;
  ByKey<Point> points_;
  ByKey<std::map<std::int64_t, double>> samples_;
  std::unordered_set<Hash> substitutes_; // environments
};

} // namespace

Result<Recovered> recoverDatabase(const std::string& damaged, const std::string& into) {
  auto file = inspect(damaged, OpenMode::readOnly);
  if (!file)
    return file.error();
  std::error_code code;
  if (std::filesystem::equivalent(damaged, into, code))
    return Error{.message = "the damaged file would be written into",
                 .file = into,
                 .advice = "name a new file; the damaged one is only read"};
  auto connection = connectToRead(damaged, *file);
  if (!connection)
    return connection.error();
  (*connection)->checkpointOnClose(false);
  auto version = (*connection)->integer("PRAGMA user_version");
  if (!version)
    return version.error();
  auto tables = (*connection)->integer("SELECT count(*) FROM sqlite_schema");
  if (!tables)
    return tables.error();
  Recovered recovered;
  const Records records = Recovery(**connection, *version).read(recovered.lost);
  auto database = Database::open(into, OpenMode::create);
  if (!database)
    return database.error();
  auto taken = database->take(records);
  if (!taken)
    return taken.error();
  recovered.taken = *taken;
  return recovered;
}

} // namespace ptotune
