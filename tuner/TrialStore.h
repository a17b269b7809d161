// What the search needs of a database: the trials that it holds, and a place for new ones.
#pragma once

#include "db/Champions.h"
#include "db/Database.h"
#include "db/Trial.h"
#include "space/Problem.h"
#include "space/Result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ptotune {

// What makes two runs one search: the strategy, its seed, and everything else that what it asks for
// depends on, as a text.
struct SearchKey {
  std::string searcher;
  std::uint64_t seed = 0;
  std::string options;

  bool operator==(const SearchKey&) const = default;
};

// The trials of one problem that a search recorded, in its order.
struct StoredSearch {
  SearchKey key;
  std::vector<Trial> trials;
};

struct StoredProblem {
  Environment environment;
  Problem problem;
};

// One thread at a time calls a store.
class TrialStore {
public:
  virtual ~TrialStore() = default;
  // Every trial of the problem in this environment, in the order in which they were recorded.
  virtual Result<std::vector<Trial>> load(const Environment& environment,
                                          const Problem& problem) = 0;
  // Stores all of the trials or none of them; on success they survive the end of the process.
  virtual Status record(const Environment& environment, std::span<const Trial> trials) = 0;

  // What is recorded from now on belongs to this search.
  virtual void beginSearch(const SearchKey& key) = 0;
  // The searches with a name that recorded trials of the problem in this environment, in the order
  // in which they began; what several runs of one search recorded is one.
  virtual Result<std::vector<StoredSearch>> searches(const Environment& environment,
                                                     const Problem& problem) = 0;
  // Whatever has a trial with a time.
  virtual Result<std::vector<StoredProblem>> problems() = 0;
  // What other environments and problems know (db/Champions.h), at most `most` points of a kind.
  virtual Result<std::vector<WarmStart>> warmStarts(const Environment& environment,
                                                    const Problem& problem, std::size_t most) = 0;
};

// A store on the tuning database. A session begins with the first trial that is recorded in an
// environment, or of another search, so that a run without new trials leaves the database as it is.
class DatabaseStore : public TrialStore {
public:
  // `command` is what the user ran. The database outlives the store.
  DatabaseStore(Database& database, std::string command)
      : database_(database), command_(std::move(command)) {}

  Result<std::vector<Trial>> load(const Environment& environment, const Problem& problem) override;
  Status record(const Environment& environment, std::span<const Trial> trials) override;
  // Stores how many points of the problem's space each rule rejected, in the session of the trials
  // that were recorded; without such a session nothing.
  Status recordRejections(const Problem& problem, const Enumeration& enumeration);
  // Stores a proof in the session of the trials, which begins with it where none did; a proof that
  // says no more than the database knows is not stored.
  Status recordProof(const Environment& environment, const Problem& problem,
                     const SpaceProof& proof);
  void beginSearch(const SearchKey& key) override;
  Result<std::vector<StoredSearch>> searches(const Environment& environment,
                                             const Problem& problem) override;
  Result<std::vector<StoredProblem>> problems() override;
  Result<std::vector<WarmStart>> warmStarts(const Environment& environment, const Problem& problem,
                                            std::size_t most) override;

private:
  // Begins a session where the one at hand is not of this environment.
  Status ensureSession(const Environment& environment);

  Database& database_;
  std::string command_;
  SearchKey search_;
  std::optional<Environment> environment_; // of the session
  SessionId session_;
};

} // namespace ptotune
