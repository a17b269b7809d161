// Dropping what is old, and giving its room back.
#include "db/DatabaseState.h"
#include "db/Decode.h"
#include "db/maintain/Maintain.h"
#include "space/Text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace ptotune {
namespace {

using sqlite::Connection;
using sqlite::Transaction;

// Which rows of each table go, as SQL over that table. Every condition reads what stays, so it says
// the same before rows above it are gone and after.
struct Doomed {
  std::string trial, session, problem, point, kernel, environment, ask, rejection, proof, note;
};

// A note goes with the row that it is about.
std::string noteGoes(const Doomed& all) {
  std::string where;
  const std::pair<NoteSubject, const std::string*> subjects[] = {
      {NoteSubject::trial, &all.trial},
      {NoteSubject::session, &all.session},
      {NoteSubject::point, &all.point},
      {NoteSubject::environment, &all.environment}};
  for (const auto& [subject, goes] : subjects)
    where += fmt::format("{}subject = {} AND about IN (SELECT id FROM {} WHERE {})",
                         where.empty() ? "" : " OR ", static_cast<std::int32_t>(subject),
                         name(subject), *goes);
  return where;
}

Result<Doomed> doomed(Connection& connection, const PruneFilter& filter) {
  std::string trial;
  std::string session;
  const auto both = [&](const std::string& ofTrial, const std::string& ofSession) {
    trial += (trial.empty() ? "" : " AND ") + ofTrial;
    session += (session.empty() ? "" : " AND ") + ofSession;
  };
  if (!filter.session.empty()) {
    auto key = findByDigits(connection, "session", filter.session);
    if (!key)
      return key.error();
    both(fmt::format("trial.session = {}", *key), fmt::format("session.key = {}", *key));
  }
  if (!filter.environment.empty()) {
    auto key = findByDigits(connection, "environment", filter.environment);
    if (!key)
      return key.error();
    both(fmt::format("trial.environment = {}", *key),
         fmt::format("session.environment = {}", *key));
  }
  if (filter.before)
    both(fmt::format("trial.recorded < {}", *filter.before),
         fmt::format("session.started < {}", *filter.before));
  if (trial.empty())
    return Error{.message = "nothing says what to prune",
                 .file = connection.file(),
                 .expected = "a session, an age or an environment"};
  const auto unused = [&trial](const char* column) {
    return fmt::format("key NOT IN (SELECT {0} FROM trial WHERE NOT ({1}) AND {0} IS NOT NULL)",
                       column, trial);
  };
  Doomed all{.trial = trial,
             .session = fmt::format("{} AND {}", session, unused("session")),
             .problem = unused("problem"),
             .point = unused("point"),
             .kernel = unused("kernel"),
             .environment = {},
             .ask = {},
             .rejection = {},
             .proof = {},
             .note = {}};
  const std::string goneSessions = fmt::format("SELECT key FROM session WHERE {}", all.session);
  all.ask = fmt::format("session IN ({}) OR trial IN (SELECT key FROM trial WHERE {})",
                        goneSessions, trial);
  all.rejection = fmt::format("session IN ({})", goneSessions);
  all.proof = all.rejection;
  for (const char* table : {"rejection", "proof"})
    all.problem += fmt::format(" AND key NOT IN (SELECT problem FROM {} WHERE NOT ({}))", table,
                               all.rejection);
  all.environment =
      fmt::format("{} AND key NOT IN (SELECT environment FROM session WHERE NOT ({}))",
                  unused("environment"), all.session);
  all.note = noteGoes(all);
  return all;
}

// A table with the rows of it that go, and where their number is told.
struct Step {
  const char* table;
  std::string where;
  std::int64_t Pruned::* count;
};

// In the order in which rows can be deleted: none is referred to any more.
std::vector<Step> steps(const Doomed& rows) {
  return {{"note", rows.note, &Pruned::notes},
          {"ask", rows.ask, &Pruned::asks},
          {"rejection", rows.rejection, &Pruned::rejections},
          {"proof", rows.proof, &Pruned::proofs},
          {"sample", fmt::format("trial IN (SELECT key FROM trial WHERE {})", rows.trial),
           &Pruned::samples},
          {"trial", rows.trial, &Pruned::trials},
          {"session", rows.session, &Pruned::sessions},
          {"problem", rows.problem, &Pruned::problems},
          {"point", rows.point, &Pruned::points},
          {"kernel", rows.kernel, &Pruned::kernels},
          {"environment", rows.environment, &Pruned::environments}};
}

// Foreign keys are checked once for all rows: each deleted point would be looked for in all trials,
// for which there is no index.
class ForeignKeysOff {
public:
  static Result<ForeignKeysOff> on(Connection& connection) {
    if (auto done = connection.exec("PRAGMA foreign_keys=OFF"); !done)
      return done.error();
    return ForeignKeysOff(&connection);
  }
  ~ForeignKeysOff() {
    if (connection_ != nullptr)
      (void)connection_->exec("PRAGMA foreign_keys=ON");
  }
  ForeignKeysOff(ForeignKeysOff&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  ForeignKeysOff& operator=(ForeignKeysOff&&) = delete;

private:
  explicit ForeignKeysOff(Connection* connection) : connection_(connection) {}
  Connection* connection_;
};

Status checkForeignKeys(Connection& connection) {
  auto table = connection.text("PRAGMA foreign_key_check");
  if (!table)
    return table.error();
  if (table->empty())
    return {};
  return Error{.message = fmt::format("rows of {} name rows that are not there", *table),
               .file = connection.file(),
               .advice = fmt::format("nothing was pruned; see 'pto-tune db check --db {}'",
                                     connection.file())};
}

// Microseconds of one unit of an age.
std::optional<std::int64_t> unitOf(std::string_view unit) {
  constexpr std::int64_t kHour = 3'600'000'000;
  constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"h", kHour}, {"d", 24 * kHour}, {"w", 168 * kHour}};
  for (const auto& [name, microseconds] : kUnits)
    if (name == unit)
      return microseconds;
  return std::nullopt;
}

} // namespace

Result<std::int64_t> timeOfAge(const std::string& age) {
  constexpr std::int64_t kMost = 100'000;
  const std::size_t digits = std::min(age.find_first_not_of("0123456789"), age.size());
  const auto number = parseInteger(std::string_view(age).substr(0, digits));
  const auto unit = unitOf(std::string_view(age).substr(digits));
  if (!number || *number > kMost || !unit)
    return Error{.message = "the age is malformed",
                 .value = age,
                 .expected = "a number of hours, days or weeks, such as 12h, 30d or 8w"};
  return microsecondsNow() - *number * *unit;
}

Result<Pruned> Database::prunable(const PruneFilter& filter) const {
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  auto snapshot = Transaction::begin(connection, Transaction::Kind::read);
  if (!snapshot)
    return snapshot.error();
  auto rows = doomed(connection, filter);
  if (!rows)
    return rows.error();
  Pruned pruned;
  for (const Step& step : steps(*rows)) {
    auto count =
        connection.integer(fmt::format("SELECT count(*) FROM {} WHERE {}", step.table, step.where));
    if (!count)
      return count.error();
    pruned.*step.count = *count;
  }
  return pruned;
}

Result<Pruned> Database::prune(const PruneFilter& filter) {
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  auto unchecked = ForeignKeysOff::on(connection);
  if (!unchecked)
    return unchecked.error();
  auto transaction = Transaction::begin(connection, Transaction::Kind::write);
  if (!transaction)
    return transaction.error();
  auto rows = doomed(connection, filter);
  if (!rows)
    return rows.error();
  Pruned pruned;
  for (const Step& step : steps(*rows)) {
    if (auto done = connection.exec(fmt::format("DELETE FROM {} WHERE {}", step.table, step.where));
        !done)
      return done.error();
    pruned.*step.count = connection.changes();
  }
  if (auto sound = checkForeignKeys(connection); !sound)
    return sound.error();
  if (auto done = transaction->commit(); !done)
    return done.error();
  return pruned;
}

Status Database::vacuum() {
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  if (auto done = sqlite::execWhenFree(connection, "VACUUM"); !done)
    return done;
  // The file shrinks when the log moves into it.
  return sqlite::execWhenFree(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
}

} // namespace ptotune
