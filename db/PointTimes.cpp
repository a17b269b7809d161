// Database::pointTimes().
#include "db/Database.h"
#include "db/DatabaseState.h"
#include "db/Decode.h"

namespace ptotune {
namespace {

// A point has the least time of its own trials and of those of an equal program.
constexpr std::string_view kSelectTimes = R"sql(
WITH asked AS (
  SELECT (SELECT key FROM environment WHERE id = ?) AS environment,
         (SELECT key FROM problem WHERE id = ?) AS problem
), own AS MATERIALIZED (
  SELECT point, seconds FROM point_time
  WHERE environment = (SELECT environment FROM asked) AND problem = (SELECT problem FROM asked)
), answer AS MATERIALIZED (
  SELECT DISTINCT trial.point, kernel.program_hash AS program
  FROM trial LEFT JOIN kernel ON kernel.key = trial.kernel
  WHERE trial.environment = (SELECT environment FROM asked)
    AND trial.problem = (SELECT problem FROM asked) AND trial.status IN (0, 7)
), program AS MATERIALIZED (
  SELECT answer.program, min(own.seconds) AS seconds
  FROM answer JOIN own ON own.point = answer.point
  WHERE answer.program IS NOT NULL GROUP BY answer.program
)
SELECT point.id, point.json, min(seconds) FROM (
  SELECT point, seconds FROM own
  UNION ALL
  SELECT answer.point, program.seconds FROM answer JOIN program USING (program)
) AS timed JOIN point ON point.key = timed.point
GROUP BY timed.point
)sql";

} // namespace

Status Database::pointTimes(const Hash& environment, const Problem& problem,
                            const std::function<void(const Point&, double)>& visit) const {
  const std::lock_guard lock(state_->mutex);
  sqlite::Connection& connection = *state_->connection;
  const auto take = [&](const sqlite::Statement& row) -> Status {
    const auto point = readPoint(connection, row.hash(0), row.text(1));
    if (!point)
      return point.error();
    visit(*point, row.real(2));
    return {};
  };
  return forEachRow(connection, kSelectTimes, take, environment, problem.hash());
}

} // namespace ptotune
