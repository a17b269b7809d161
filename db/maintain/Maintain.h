// Looking after a database: what is in it, whether it is sound, and dropping what is old.
#pragma once

#include "db/Champion.h"
#include "db/Records.h"
#include "space/Result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ptotune {

struct EnvironmentInfo {
  Environment environment;
  std::int64_t sessions = 0;
  std::int64_t problems = 0;                            // with trials in this environment
  std::array<std::int64_t, kTrialStatusCount> trials{}; // by status
  std::int64_t firstRecorded = 0; // of its trials; microseconds since 1970, UTC; 0: none
  std::int64_t lastRecorded = 0;
};

struct SessionInfo {
  SessionIdentity session;
  std::int64_t trials = 0; // that it was the first to record
};

struct DatabaseInfo {
  std::int64_t schemaVersion = 0;
  std::int64_t bytes = 0;     // of the file, without its log
  std::int64_t freeBytes = 0; // of them, that vacuum() would give back at least
  std::int64_t problems = 0;
  std::int64_t points = 0;
  std::int64_t kernels = 0;
  std::int64_t samples = 0;
  std::int64_t notes = 0;
  std::vector<EnvironmentInfo> environments; // by SoC, runner, versions, id
  std::vector<SessionInfo> sessions;         // by start, id
};

// What is pruned: a trial that meets every condition that is given; at least one must be. A session
// that meets them and has no trial left goes too, and so does everything else that nothing refers
// to any more.
struct PruneFilter {
  std::string session;                // id, or its first digits, at least four; empty: any
  std::string environment;            // the same
  std::optional<std::int64_t> before; // recorded (of a session: started) before this; microseconds
                                      // since 1970, UTC
};

// The time that lies `age` before now, for PruneFilter: "12h", "30d", "8w".
Result<std::int64_t> timeOfAge(const std::string& age);

struct Pruned {
  std::int64_t environments = 0;
  std::int64_t sessions = 0;
  std::int64_t problems = 0;
  std::int64_t points = 0;
  std::int64_t kernels = 0;
  std::int64_t trials = 0;
  std::int64_t samples = 0;
  std::int64_t notes = 0;
  std::int64_t asks = 0;
  std::int64_t rejections = 0;
  std::int64_t proofs = 0;

  bool operator==(const Pruned&) const = default;
};

} // namespace ptotune
