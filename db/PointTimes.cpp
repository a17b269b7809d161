// Database::pointTimes().
#include "db/Database.h"
#include "db/DatabaseState.h"
#include "db/Decode.h"
#include "db/Place.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace ptotune {
namespace {

using sqlite::Connection;
using sqlite::Statement;

// A point that was answered: by its key, with its program and, in the end, its time.
struct Answered {
  std::int64_t point = 0;
  Hash program; // empty: not known
  std::optional<double> seconds;
};

// Every point with a correct or a pruned trial, once for each of its programs.
Result<std::vector<Answered>> readAnswered(Connection& connection, const Place& place) {
  std::unordered_map<std::int64_t, double> own; // times of points' own trials
  auto read =
      forEachRow(connection, "SELECT point, seconds FROM point_time WHERE " + place.where(""),
                 [&own](const Statement& row) { own[row.integer(0)] = row.real(1); });
  if (!read)
    return read.error();
  std::vector<Answered> answered;
  const auto take = [&](const Statement& row) {
    Answered one{.point = row.integer(0), .program = row.hash(1), .seconds = {}};
    if (const auto found = own.find(one.point); found != own.end())
      one.seconds = found->second;
    answered.push_back(one);
  };
  read = forEachRow(connection,
                    "SELECT DISTINCT trial.point, kernel.program_hash FROM trial"
                    " LEFT JOIN kernel ON kernel.key = trial.kernel"
                    " WHERE trial.status IN (0, 7) AND " +
                        place.where("trial."),
                    take);
  if (!read)
    return read.error();
  return answered;
}

void takeLess(std::optional<double>& seconds, const std::optional<double>& other) {
  if (other && (!seconds || *other < *seconds))
    seconds = other;
}

// The least time of each point: of its own trials and of those of its programs.
std::unordered_map<std::int64_t, double> leastTimes(std::span<const Answered> answered) {
  std::unordered_map<Hash, std::optional<double>> programs;
  for (const Answered& one : answered)
    if (!one.program.empty())
      takeLess(programs[one.program], one.seconds);
  std::unordered_map<std::int64_t, double> least;
  for (const Answered& one : answered) {
    std::optional<double> seconds = one.seconds;
    if (!one.program.empty())
      takeLess(seconds, programs[one.program]);
    if (!seconds)
      continue;
    const auto [found, isNew] = least.try_emplace(one.point, *seconds);
    if (!isNew)
      found->second = std::min(found->second, *seconds);
  }
  return least;
}

} // namespace

Status Database::pointTimes(const Hash& environment, const Problem& problem,
                            const std::function<void(const Point&, double)>& visit) const {
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  auto snapshot = sqlite::Transaction::begin(connection, sqlite::Transaction::Kind::read);
  if (!snapshot)
    return snapshot.error();
  const auto place = placeOf(connection, environment, problem);
  if (!place)
    return place.error();
  const auto answered = readAnswered(connection, *place);
  if (!answered)
    return answered.error();
  auto rows = connection.prepare("SELECT id, json FROM point WHERE key = ?");
  if (!rows)
    return rows.error();
  for (const auto& [key, seconds] : leastTimes(*answered)) {
    if (auto row = rows->bind(key).step(); !row)
      return row.error();
    const auto point = readPoint(connection, rows->hash(0), rows->text(1));
    if (!point)
      return point.error();
    visit(*point, seconds);
  }
  return {};
}

} // namespace ptotune
