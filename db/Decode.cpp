#include "db/Decode.h"

#include "db/Champion.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace ptotune {

using sqlite::Connection;
using sqlite::Statement;

Result<Problem> problemFromJson(std::string_view json) {
  const nlohmann::json object = nlohmann::json::parse(json, nullptr, false);
  if (!object.is_object())
    return Error{.message = "a problem is not a JSON object", .value = std::string(json)};
  Problem base;
  std::string text;
  for (const auto& [key, value] : object.items()) {
    const std::string plain = value.is_string()    ? value.get<std::string>()
                              : value.is_boolean() ? (value.get<bool>() ? "1" : "0")
                                                   : value.dump();
    if (key == "family")
      base.family = plain;
    else
      text += fmt::format("{}{}={}", text.empty() ? "" : ",", key, plain);
  }
  return Problem::parse(text, base);
}

Error damagedRow(const Connection& connection, std::string message, const Hash& id) {
  return Error{.message = std::move(message),
               .file = connection.file(),
               .key = "id",
               .value = id.hex(),
               .advice = "the row was damaged or written by another program; restore a copy of the "
                         "file, or name another database file"};
}

Result<Problem> readProblem(const Connection& connection, const Hash& id, std::string_view json) {
  auto problem = problemFromJson(json);
  if (!problem)
    return damagedRow(connection, problem.error().text(), id);
  if (problem->hash() != id)
    return damagedRow(connection, "a problem does not have the content of its id", id);
  return problem;
}

Result<Point> readPoint(const Connection& connection, const Hash& id, std::string_view json) {
  auto point = Point::fromJson(json);
  if (!point)
    return damagedRow(connection, point.error().text(), id);
  if (point->hash() != id)
    return damagedRow(connection, "a point does not have the content of its id", id);
  return point;
}

Result<TrialStatus> readStatus(const Connection& connection, const Hash& trial,
                               std::int64_t status) {
  if (status < 0 || status >= static_cast<std::int64_t>(kTrialStatusCount))
    return damagedRow(connection, fmt::format("a trial has the unknown status {}", status), trial);
  return static_cast<TrialStatus>(status);
}

Environment readEnvironment(const Statement& row, int column) {
  return Environment{.soc = std::string(row.text(column)),
                     .socHash = row.hash(column + 1),
                     .runner = std::string(row.text(column + 2)),
                     .runnerVersion = std::string(row.text(column + 3)),
                     .toolchain = std::string(row.text(column + 4)),
                     .toolVersion = std::string(row.text(column + 5)),
                     .cores = row.integer(column + 6),
                     .frequency = row.integer(column + 7),
                     .isaHash = std::string(row.text(column + 8))};
}

SessionIdentity readSession(const Statement& row, int column) {
  return SessionIdentity{.environment = row.hash(column - 1),
                         .host = asHashed(row.text(column)),
                         .command = asHashed(row.text(column + 1)),
                         .started = row.integer(column + 2),
                         .nonce = row.integer(column + 3),
                         .device = asHashed(row.text(column + 4)),
                         .searcher = asHashed(row.text(column + 5)),
                         .seed = row.integer(column + 6),
                         .options = asHashed(row.text(column + 7))};
}

Result<Trial> readTrial(const Connection& connection, const Statement& row, int column,
                        const Problem& problem, const Point& point) {
  auto status = readStatus(connection, row.hash(column), row.integer(column + 1));
  if (!status)
    return status.error();
  return Trial{.problem = problem,
               .point = point,
               .status = *status,
               .seconds = {},
               .detail = std::string(row.text(column + 3)),
               .sourceHash = row.hash(column + 4),
               .programHash = row.hash(column + 5),
               .prepareSeconds = row.real(column + 6),
               .measureSeconds = row.real(column + 7),
               .calibrated = row.integer(column + 2) != 0,
               .boundSeconds = row.real(column + 8)};
}

Result<Note> readNote(const Connection& connection, const Statement& row, int column) {
  const Hash id = row.hash(column);
  const std::int64_t subject = row.integer(column + 1);
  if (subject < 0 || subject >= static_cast<std::int64_t>(kNoteSubjectCount))
    return damagedRow(connection, fmt::format("a note has the unknown subject {}", subject), id);
  Note note{.subject = static_cast<NoteSubject>(subject),
            .about = row.hash(column + 2),
            .author = asHashed(row.text(column + 3)),
            .written = row.integer(column + 4),
            .text = asHashed(row.text(column + 5))};
  if (contentId(note) != id)
    return damagedRow(connection, "a note does not have the content of its id", id);
  return note;
}

std::string asHashed(std::string_view text) {
  const std::string json =
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return nlohmann::json::parse(json).get<std::string>();
}

Status checkDigits(const std::string& digits, Error error) {
  const auto isHex = [](unsigned char c) { return std::isxdigit(c) != 0; };
  if (digits.size() >= 4 && digits.size() <= 32 && std::ranges::all_of(digits, isHex))
    return {};
  error.message = error.key == "id" ? "the id is malformed"
                                    : fmt::format("the id of the {} is malformed", error.key);
  error.expected = "4 to 32 hexadecimal digits, the first of its id";
  return error;
}

Result<std::int64_t> findByDigits(sqlite::Connection& connection, const char* table,
                                  const std::string& digits) {
  Error error{.file = connection.file(),
              .key = table,
              .value = digits,
              .advice = fmt::format("'pto-tune db info --db {}' lists them", connection.file())};
  if (auto sound = checkDigits(digits, error); !sound)
    return sound.error();
  auto rows =
      connection.prepare(fmt::format("SELECT key FROM {} WHERE hex(id) LIKE ?1 || '%'", table));
  if (!rows)
    return rows.error();
  auto row = rows->bind(digits).step();
  if (!row)
    return row.error();
  if (!*row) {
    error.message = fmt::format("the database has no {} with this id", table);
    return error;
  }
  const std::int64_t key = rows->integer(0);
  auto second = rows->step();
  if (!second)
    return second.error();
  if (*second) {
    error.message = fmt::format("several ids of {}s start with these digits", table);
    error.expected = "more digits";
    return error;
  }
  return key;
}

} // namespace ptotune
