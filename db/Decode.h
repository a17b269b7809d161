// Rows of the database as values; private to db/.
#pragma once

#include "db/Champion.h"
#include "db/Identity.h"
#include "db/Trial.h"
#include "db/file/Sqlite.h"
#include "space/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune {

// The inverse of Problem::json(). A key that is missing keeps its default.
Result<Problem> problemFromJson(std::string_view json);

// The message for a row whose content is not what pto-tune wrote.
Error damagedRow(const sqlite::Connection& connection, std::string message, const Hash& id);

// Each checks that the row has the content of its id.
Result<Problem> readProblem(const sqlite::Connection& connection, const Hash& id,
                            std::string_view json);
Result<Point> readPoint(const sqlite::Connection& connection, const Hash& id,
                        std::string_view json);
Result<TrialStatus> readStatus(const sqlite::Connection& connection, const Hash& trial,
                               std::int64_t status);
// What a query selects for readEnvironment(), and how many columns that is.
inline constexpr const char* kEnvironmentColumns =
    "soc, soc_hash, runner, runner_version, toolchain, tool_version, cores, frequency, isa_hash";
inline constexpr int kEnvironmentWidth = 9;
Environment readEnvironment(const sqlite::Statement& row, int column);

// The same for readSession(); the id of the environment stands before them.
inline constexpr const char* kSessionColumns =
    "host, command, started, nonce, device, searcher, seed, options";
inline constexpr int kSessionWidth = 8;
SessionIdentity readSession(const sqlite::Statement& row, int column);

// The same for readTrial(), from trial and (outer) kernel: all but problem, point and samples.
inline constexpr const char* kTrialColumns =
    "trial.id, status, calibrated, detail, source_hash, program_hash, prepare_seconds,"
    " measure_seconds, bound";
inline constexpr int kTrialWidth = 9;
Result<Trial> readTrial(const sqlite::Connection& connection, const sqlite::Statement& row,
                        int column, const Problem& problem, const Point& point);

// Columns id, subject, about, author, written, text from `column` on. Checks the id.
Result<Note> readNote(const sqlite::Connection& connection, const sqlite::Statement& row,
                      int column = 0);

// The same for readProof().
inline constexpr const char* kProofColumns = "space, space_name, points, bound";
SpaceProof readProof(const sqlite::Statement& row, int column);

// What Database::proofs() says of an environment and a problem, by their keys.
Result<std::vector<SpaceProof>> readProofs(sqlite::Connection& connection, std::int64_t environment,
                                           std::int64_t problem);

// As a content id sees a text: bytes that are no UTF-8 become U+FFFD.
std::string asHashed(std::string_view text);

// Whether these are the first digits of an id, at least four; else `error` with what was expected.
Status checkDigits(const std::string& digits, Error error);

// Key of the one row of `table` whose id starts with `digits`, at least four.
Result<std::int64_t> findByDigits(sqlite::Connection& connection, const char* table,
                                  const std::string& digits);

} // namespace ptotune
