// The statements that store environments, sessions, trials and what goes with them; private to db/.
// The caller holds the transaction. Preparing them takes longer than storing a trial, so that a
// database keeps one writer (DatabaseState.h). Between calls no statement is in the middle of its
// rows: an open read would keep the log from being moved into the file.
#pragma once

#include "db/Identity.h"
#include "db/Records.h"
#include "db/Trial.h"
#include "db/file/Sqlite.h"
#include "space/Result.h"

#include <cstdint>
#include <optional>
#include <string>

namespace ptotune {

// Rows of one content-addressed table: finds the key of an id, and adds the row when it is new.
class ContentTable {
public:
  struct Key {
    std::int64_t key = 0;
    bool added = false;
  };

  static Result<ContentTable> make(sqlite::Connection& connection, const char* findSql,
                                   const char* insertSql);

  // `values` are the columns after the id.
  template <typename... Values>
  Result<Key> key(sqlite::Connection& connection, const Hash& id, const Values&... values) {
    auto found = find_.bind(id).integer();
    if (!found)
      return found.error();
    if (*found)
      return Key{**found, false};
    if (auto done = insert_.bind(id, values...).run(); !done)
      return done.error();
    return Key{connection.lastKey(), true};
  }

private:
  ContentTable(sqlite::Statement find, sqlite::Statement insert)
      : find_(std::move(find)), insert_(std::move(insert)) {}

  sqlite::Statement find_, insert_;
};

// Who records a trial, and when. Keys are those of the file that is written.
struct Recorder {
  std::int64_t environmentKey = 0;
  Hash environment;
  std::string builder; // kernels are built by the tool itself
  std::int64_t sessionKey = 0;
  Hash session;
  std::int64_t recorded = 0; // microseconds since 1970, UTC
};

class RowWriter {
public:
  enum class Stored { added, earlier, known };
  // What became of a trial, and its key.
  struct Taken {
    Stored stored = Stored::known;
    std::int64_t key = 0;
  };

  static Result<RowWriter> make(sqlite::Connection& connection);

  // Who records in a session, now; nothing where the file does not have it.
  Result<std::optional<Recorder>> recorder(const Hash& session);
  Result<ContentTable::Key> environment(const Environment& environment);
  Result<ContentTable::Key> session(const SessionIdentity& session, std::int64_t environmentKey);
  // A trial that is known changes nothing.
  Result<Taken> add(const Trial& trial, const Recorder& recorder);
  // Of a trial that is known, the smaller recording stays, by `recorded`, id of the session, the
  // times spent and the bound.
  Result<Taken> merge(const Trial& trial, const Recorder& recorder);

  // Whether it changed the file. Of two trials with one ordinal the one with the smaller id stays.
  Result<bool> ask(std::int64_t sessionKey, std::int64_t ordinal, std::int64_t trialKey);
  // The ordinal behind the last ask of a session.
  Result<std::int64_t> nextOrdinal(std::int64_t sessionKey);
  // Whether it changed the file. Of two counts the larger one stays.
  Result<bool> rejection(const RejectionRecord& record, std::int64_t sessionKey);
  // Whether it changed the file. Of two bounds of one space the larger one stays.
  Result<bool> proof(const ProofRecord& record, std::int64_t sessionKey);
  // Whether it is new.
  Result<bool> note(const Note& note);

private:
  struct Statements {
    ContentTable environment, session, problem, point, kernel, note;
    sqlite::Statement trial, sample, earlier, known, ask, lastAsk, rejection, proof, recorder;
  };
  struct Place {
    Hash id;
    std::int64_t problem = 0, point = 0;
  };
  RowWriter(sqlite::Connection& connection, Statements statements)
      : connection_(connection), do_(std::move(statements)) {}
  Result<Taken> insert(const Trial& trial, const Recorder& recorder, Place& place);
  // Runs it; whether a row is new or another now.
  Result<bool> changed(sqlite::Statement& statement);
  Result<std::int64_t> problemKey(const Problem& problem);
  Result<std::optional<std::int64_t>> kernelKey(const Trial& trial, const std::string& builder);
  Status writeSamples(std::int64_t trialKey, const Trial& trial);

  sqlite::Connection& connection_;
  Statements do_;
};

} // namespace ptotune
