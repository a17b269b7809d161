#include "db/Place.h"

#include <fmt/format.h>

namespace ptotune {

Result<std::int64_t> keyOf(sqlite::Connection& connection, const char* table, const Hash& id) {
  return connection.integer(fmt::format("SELECT key FROM {} WHERE id = x'{}'", table, id.hex()));
}

std::string Place::where(const char* prefix) const {
  return fmt::format("{0}environment = {1} AND {0}problem = {2}", prefix, environment, problem);
}

Result<Place> placeOf(sqlite::Connection& connection, const Hash& environment,
                      const Problem& problem) {
  const auto owner = keyOf(connection, "environment", environment);
  if (!owner)
    return owner.error();
  const auto of = keyOf(connection, "problem", problem.hash());
  if (!of)
    return of.error();
  return Place{.environment = *owner, .problem = *of};
}

} // namespace ptotune
