// The tuning database: trials with every raw sample and where they came from, in one SQLite file
// that many processes may write at once. FORMAT.md documents the file.
//
// An environment says who measured with what; trials are only ever read within one. A session is
// one run of a tool in one environment. Recording is idempotent: every row is addressed by its
// content. A champion is a view over trials. The asks of a session are its trials in the order in
// which a searcher chose them, so that a search can be gone through again.
//
// All functions may be called from several threads; each takes the database for itself meanwhile.
#pragma once

#include "db/Champion.h"
#include "db/Champions.h"
#include "db/Records.h"
#include "db/Trial.h"
#include "db/file/FileSystem.h"
#include "db/file/Inspect.h"
#include "db/maintain/Maintain.h"
#include "space/Result.h"
#include "space/Rules.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ptotune {

struct SessionId {
  Hash value;
  bool operator==(const SessionId&) const = default;
};

// What else is known of a session that begins: see SessionIdentity.
struct SessionDetails {
  std::string device;
  std::string searcher;
  std::int64_t seed = 0;
  std::string options;
};

struct StoredSession {
  SessionId id;
  SessionIdentity session;
};

struct Ask {
  std::int64_t ordinal = 0; // in its session; pruning leaves gaps
  Trial trial;
};

// How many points of the space of a problem the rules reject, as one session counted them.
struct Rejections {
  SessionId session;
  Hash environment;
  Problem problem;
  std::int64_t legal = 0;
  std::map<std::string, std::int64_t> rejected; // by rule
};

// Which champions to list; what is left out matches all.
struct ChampionFilter {
  std::optional<Hash> environment;
  std::optional<Problem> problem;
  std::optional<std::string> soc;
  std::optional<std::string> runner;
};

class Database {
public:
  // Fails with one message, and leaves the file untouched, when it is not a sound database of this
  // version of pto-tune or may not be used in this mode.
  static Result<Database> open(const std::string& path, OpenMode mode,
                               const NetworkProbe& probe = networkFileSystem);
  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;

  // `command` is what the user ran, for people who read the file later.
  Result<SessionId> beginSession(const Environment& environment, const std::string& command,
                                 const SessionDetails& details = {});

  // Stores the whole batch in one transaction; after success it survives the death of the process.
  // Every trial becomes the session's next ask; one that is known already is not stored anew.
  // Samples are positive seconds, and only correct trials have any; a batch with another trial is
  // refused whole.
  Status record(const SessionId& session, std::span<const Trial> batch);

  // Stores what the rules say about the points of a problem; of two counts by one session for one
  // rule the larger stays.
  Status recordRejections(const SessionId& session, const Problem& problem,
                          const Enumeration& enumeration);

  // Stores that no legal point of a space is faster; of two bounds by one session for one space the
  // larger stays.
  Status recordProof(const SessionId& session, const Problem& problem, const SpaceProof& proof);

  // By start, then id; of one environment where it is given.
  Result<std::vector<StoredSession>> sessions(const std::optional<Hash>& environment = {}) const;
  // The asks of a session in their order, of one problem where it is given.
  Result<std::vector<Ask>> sessionTrials(const SessionId& session,
                                         const std::optional<Problem>& problem = {}) const;
  // What the newest session of each environment and problem that counted has stored. Ordered by the
  // start of the session.
  Result<std::vector<Rejections>> rejections() const;

  // Of each space that a bound is proven of, in this environment, the largest one; the space with
  // the most points first, then the smaller bound, then the smaller id.
  Result<std::vector<SpaceProof>> proofs(const Hash& environment, const Problem& problem) const;

  // Notes down `text` about the trial, session, point or environment whose id starts with `digits`.
  Result<Note> addNote(const std::string& digits, const std::string& text,
                       const std::string& author);
  // By time, then id.
  Result<std::vector<Note>> notes() const;

  // In the order in which they were recorded.
  Result<std::vector<Trial>> trials(const Hash& environment, const Problem& problem) const;

  // The time of every point that has one, of its own trials or of those of an equal program,
  // whichever is less; in any order.
  Status pointTimes(const Hash& environment, const Problem& problem,
                    const std::function<void(const Point&, double)>& visit) const;

  // One per environment and problem with a correct trial. Ordered by SoC, runner, environment (the
  // one with the newest trial of all first), family, head, causality, type, s0, s1. Of points that
  // tie exactly the default point is taken, else the first in the order of Point.
  Result<std::vector<Champion>> champions(const ChampionFilter& filter = {}) const;

  // The points with the least medians, at most `most`; their intervals are left empty.
  Result<std::vector<PointTime>> fastest(const Hash& environment, const Problem& problem,
                                         std::size_t most) const;

  Result<std::vector<Environment>> environments() const;

  // Everything, or what the filter leaves, from one snapshot; trials in the order in which they
  // were recorded. Fails on a row that does not have the content of its id.
  Result<Records> records(const RecordFilter& filter = {}) const;
  // Merges records by the rule in FORMAT.md: idempotent, commutative, associative. One transaction:
  // records that contradict themselves store nothing.
  Result<Taken> take(const Records& records);

  Result<DatabaseInfo> info() const;
  // What is wrong with the file, one sentence each; empty when it is sound: SQLite's integrity and
  // foreign keys, every content id, and what the schema cannot express. Fails where the file cannot
  // be read at all.
  Result<std::vector<std::string>> findings() const;

  // What prune() would remove; nothing is written.
  Result<Pruned> prunable(const PruneFilter& filter) const;
  Result<Pruned> prune(const PruneFilter& filter);
  // Gives unused pages back to the file system; while others use the file, it shrinks when the last
  // of them closes it.
  Status vacuum();

  // As given to open().
  const std::string& path() const;

private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Merges `sources`, only read, into the database `into`, which is made when it is missing. One
// transaction: an error, in whichever file, changes nothing.
Result<Taken> mergeDatabases(const std::string& into, std::span<const std::string> sources);

} // namespace ptotune
