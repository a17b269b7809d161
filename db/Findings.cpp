// What is wrong with a database, found by reading all of it.
#include "db/DatabaseState.h"
#include "db/Decode.h"
#include "db/Records.h"

#include <fmt/format.h>

#include <functional>

namespace ptotune {
namespace {

using sqlite::Connection;
using sqlite::Statement;
using sqlite::Transaction;

constexpr std::size_t kMostFindings = 100;

using Findings = std::vector<std::string>;
using Visit = std::function<void(const Statement& row)>;

void add(Findings& findings, std::string finding) {
  if (findings.size() < kMostFindings)
    findings.push_back(std::move(finding));
  else if (findings.size() == kMostFindings)
    findings.push_back("there is more; only the first findings are listed");
}

void expectId(Findings& findings, const char* what, const Hash& id, const Hash& content) {
  if (id != content)
    add(findings, fmt::format("{} {} does not have the content of its id; that would be {}", what,
                              id.hex(), content.hex()));
}

Status checkPages(Connection& connection, Findings& findings) {
  return forEachRow(connection, fmt::format("PRAGMA integrity_check({})", kMostFindings),
                    [&findings](const Statement& row) {
                      if (row.text(0) != "ok")
                        add(findings, fmt::format("SQLite: {}", row.text(0)));
                    });
}

Status checkForeignKeys(Connection& connection, Findings& findings) {
  return forEachRow(connection, "PRAGMA foreign_key_check", [&findings](const Statement& row) {
    add(findings, fmt::format("a row of {} (key {}) names a {} that is not there", row.text(0),
                              row.integer(1), row.text(2)));
  });
}

Status checkIdentities(Connection& connection, Findings& findings) {
  const auto problem = [&](const Statement& row) {
    if (auto read = readProblem(connection, row.hash(0), row.text(1)); !read)
      add(findings, fmt::format("problem {}: {}", row.hash(0).hex(), read.error().message));
    else if (read->family != row.text(2))
      add(findings, fmt::format("problem {} is of family {}, its row says {}", row.hash(0).hex(),
                                read->family, row.text(2)));
  };
  const auto point = [&](const Statement& row) {
    if (auto read = readPoint(connection, row.hash(0), row.text(1)); !read)
      add(findings, fmt::format("point {}: {}", row.hash(0).hex(), read.error().message));
  };
  const auto environment = [&](const Statement& row) {
    expectId(findings, "environment", row.hash(0), readEnvironment(row, 1).hash());
  };
  const auto kernel = [&](const Statement& row) {
    expectId(findings, "kernel", row.hash(0),
             contentId(KernelIdentity{std::string(row.text(1)), std::string(row.text(2)),
                                      row.hash(3), row.hash(4)}));
  };
  const auto session = [&](const Statement& row) {
    expectId(findings, "session", row.hash(0), contentId(readSession(row, 2)));
  };
  const auto note = [&](const Statement& row) {
    if (auto read = readNote(connection, row); !read)
      add(findings, fmt::format("note {}: {}", row.hash(0).hex(), read.error().message));
  };
  const auto proof = [&](const Statement& row) {
    if (const auto fault = proofFault(readProof(row, 1)))
      add(findings, fmt::format("a proof of session {} has {}", row.hash(0).hex(), *fault));
  };
  const std::pair<std::string, Visit> checks[] = {
      {"SELECT id, json, family FROM problem", problem},
      {"SELECT id, json FROM point", point},
      {fmt::format("SELECT id, {} FROM environment", kEnvironmentColumns), environment},
      {"SELECT id, family, builder, source_hash, program_hash FROM kernel", kernel},
      {fmt::format("SELECT session.id, environment.id, {} FROM session JOIN environment ON"
                   " environment.key = session.environment",
                   kSessionColumns),
       session},
      {"SELECT id, subject, about, author, written, text FROM note", note},
      {fmt::format("SELECT session.id, {} FROM proof JOIN session ON session.key = proof.session",
                   kProofColumns),
       proof}};
  for (const auto& [sql, visit] : checks)
    if (auto done = forEachRow(connection, sql, visit); !done)
      return done;
  return {};
}

constexpr std::string_view kSelectTrials = R"sql(
SELECT trial.key, trial.id, environment.id, problem.id, point.id, status, calibrated, detail,
       source_hash, program_hash, prepare_seconds, measure_seconds, sample.ordinal, sample.seconds,
       bound
FROM trial
JOIN environment ON environment.key = trial.environment
JOIN problem ON problem.key = trial.problem
JOIN point ON point.key = trial.point
LEFT JOIN kernel ON kernel.key = trial.kernel
LEFT JOIN sample ON sample.trial = trial.key
ORDER BY trial.key, ordinal
)sql";

// The trial whose rows of kSelectTrials are being read.
struct TrialInHand {
  std::int64_t key = 0;
  Hash id;
  TrialPlace place;
  Trial trial;
  bool ordered = true; // the ordinals of the samples are 0, 1, ...
};

void checkTrial(Findings& findings, const TrialInHand& one) {
  if (one.key == 0)
    return;
  if (static_cast<std::size_t>(one.trial.status) >= kTrialStatusCount)
    return add(findings, fmt::format("trial {} has the unknown status {}", one.id.hex(),
                                     static_cast<std::int32_t>(one.trial.status)));
  if (!one.ordered)
    add(findings, fmt::format("trial {} misses a sample", one.id.hex()));
  if (const auto fault = trialFault(one.trial))
    add(findings, fmt::format("trial {} has {}", one.id.hex(), *fault));
  expectId(findings, "trial", one.id, contentId(one.place, one.trial));
}

Status checkTrials(Connection& connection, Findings& findings) {
  TrialInHand one;
  auto done = forEachRow(connection, kSelectTrials, [&](const Statement& row) {
    if (row.integer(0) != one.key) {
      checkTrial(findings, one);
      one = {.key = row.integer(0),
             .id = row.hash(1),
             .place = {row.hash(2), row.hash(3), row.hash(4)}};
      one.trial.status = static_cast<TrialStatus>(row.integer(5));
      one.trial.calibrated = row.integer(6) != 0;
      one.trial.detail = row.text(7);
      one.trial.sourceHash = row.hash(8);
      one.trial.programHash = row.hash(9);
      one.trial.prepareSeconds = row.real(10);
      one.trial.measureSeconds = row.real(11);
      one.trial.boundSeconds = row.real(14);
    }
    if (row.isNull(12))
      return;
    one.ordered &= row.integer(12) == static_cast<std::int64_t>(one.trial.seconds.size());
    one.trial.seconds.push_back(row.real(13));
  });
  checkTrial(findings, one);
  return done;
}

// What ties rows together beyond foreign keys.
Status checkBelonging(Connection& connection, Findings& findings) {
  const auto session = [&findings](const Statement& row) {
    add(findings, fmt::format("trial {} was recorded by a session of another environment",
                              row.hash(0).hex()));
  };
  const auto kernel = [&findings](const Statement& row) {
    add(findings, fmt::format("trial {} ran a kernel of another family or pto-tune version",
                              row.hash(0).hex()));
  };
  if (auto done = forEachRow(connection,
                             "SELECT trial.id FROM trial JOIN session ON session.key ="
                             " trial.session WHERE session.environment <> trial.environment",
                             session);
      !done)
    return done;
  const auto ask = [&findings](const Statement& row) {
    add(findings, fmt::format("session {} asked for a trial of another environment, as number {}",
                              row.hash(0).hex(), row.integer(1)));
  };
  if (auto done = forEachRow(connection,
                             "SELECT session.id, ask.ordinal FROM ask JOIN session ON session.key ="
                             " ask.session JOIN trial ON trial.key = ask.trial"
                             " WHERE session.environment <> trial.environment",
                             ask);
      !done)
    return done;
  return forEachRow(connection,
                    "SELECT trial.id FROM trial JOIN kernel ON kernel.key = trial.kernel"
                    " JOIN problem ON problem.key = trial.problem"
                    " JOIN environment ON environment.key = trial.environment"
                    " WHERE kernel.family <> problem.family OR builder <> tool_version",
                    kernel);
}

} // namespace

Result<std::vector<std::string>> Database::findings() const {
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  auto snapshot = Transaction::begin(connection, Transaction::Kind::read);
  if (!snapshot)
    return snapshot.error();
  Findings findings;
  if (auto done = checkPages(connection, findings); !done)
    return done.error();
  if (!findings.empty())
    return findings; // what a damaged file says about its rows misleads
  for (const auto check : {checkForeignKeys, checkIdentities, checkTrials, checkBelonging})
    if (auto done = check(connection, findings); !done)
      return done.error();
  return findings;
}

} // namespace ptotune
