// What the search needs of a database: the trials that it holds, and a place for new ones.
#pragma once

#include "db/Database.h"
#include "db/Trial.h"
#include "space/Problem.h"
#include "space/Result.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ptotune {

// One thread at a time calls a store.
class TrialStore {
public:
  virtual ~TrialStore() = default;
  // Every trial of the problem in this environment, in the order in which they were recorded.
  virtual Result<std::vector<Trial>> load(const Environment& environment,
                                          const Problem& problem) = 0;
  // Stores all of the trials or none of them; on success they survive the end of the process.
  virtual Status record(const Environment& environment, std::span<const Trial> trials) = 0;
};

// A store on the tuning database. The session begins with the first trial that is recorded in an
// environment, so that a run without new trials leaves the database as it is.
class DatabaseStore : public TrialStore {
public:
  // `command` is what the user ran. The database outlives the store.
  DatabaseStore(Database& database, std::string command)
      : database_(database), command_(std::move(command)) {}

  Result<std::vector<Trial>> load(const Environment& environment, const Problem& problem) override;
  Status record(const Environment& environment, std::span<const Trial> trials) override;

private:
  Database& database_;
  std::string command_;
  std::optional<Environment> environment_; // of the session
  SessionId session_;
};

} // namespace ptotune
