// Where the rows of an environment and a problem are; private to db/.
#pragma once

#include "db/file/Sqlite.h"
#include "space/Hash.h"
#include "space/Problem.h"
#include "space/Result.h"

#include <cstdint>
#include <string>

namespace ptotune {

// The key of the row with this content, 0 where there is none. In the text of a query a key, unlike
// a subquery, reaches the index below a view.
Result<std::int64_t> keyOf(sqlite::Connection& connection, const char* table, const Hash& id);

struct Place {
  std::int64_t environment = 0;
  std::int64_t problem = 0;

  // A condition on the columns of a table or view: `prefix` is "" or "trial.".
  std::string where(const char* prefix) const;
};

Result<Place> placeOf(sqlite::Connection& connection, const Hash& environment,
                      const Problem& problem);

} // namespace ptotune
