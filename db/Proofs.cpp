// Reading what is proven about spaces.
#include "db/DatabaseState.h"
#include "db/Decode.h"
#include "db/Place.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace ptotune {

using sqlite::Connection;
using sqlite::Statement;

SpaceProof readProof(const Statement& row, int column) {
  return {.space = row.hash(column),
          .spaceName = std::string(row.text(column + 1)),
          .points = row.integer(column + 2),
          .bound = row.real(column + 3)};
}

Result<std::vector<SpaceProof>> readProofs(Connection& connection, std::int64_t environment,
                                           std::int64_t problem) {
  std::vector<SpaceProof> proofs;
  const auto take = [&proofs](const Statement& row) {
    SpaceProof proof = readProof(row, 0);
    if (std::ranges::find(proofs, proof.space, &SpaceProof::space) == proofs.end())
      proofs.push_back(std::move(proof));
  };
  auto read = forEachRow(connection,
                         fmt::format("SELECT {} FROM proof JOIN session ON session.key ="
                                     " proof.session WHERE session.environment = ? AND problem = ?"
                                     " ORDER BY bound DESC, points DESC, space_name",
                                     kProofColumns),
                         take, environment, problem);
  if (!read)
    return read.error();
  std::ranges::sort(proofs, {}, [](const SpaceProof& proof) {
    return std::tuple(-proof.points, proof.bound, proof.space);
  });
  return proofs;
}

Result<std::vector<SpaceProof>> Database::proofs(const Hash& environment,
                                                 const Problem& problem) const {
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  const auto place = placeOf(connection, environment, problem);
  if (!place)
    return place.error();
  return readProofs(connection, place->environment, place->problem);
}

} // namespace ptotune
