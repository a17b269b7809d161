// Trials with where they came from, as they travel between files: by merging, exporting and
// importing. FORMAT.md documents the merge rule and the texts.
#pragma once

#include "db/Identity.h"
#include "db/Trial.h"
#include "space/Result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune {

// One trial with its first recording. `environment` and `session` are content ids.
struct TrialRecord {
  Hash environment;
  Hash session;
  std::int64_t recorded = 0; // microseconds since 1970, UTC
  Trial trial;

  Hash id() const;
};

// Every id that a session or a trial names stands in the same Records.
struct Records {
  std::vector<Environment> environments;
  std::vector<SessionIdentity> sessions;
  std::vector<TrialRecord> trials;
};

// The order of exports. It depends on content alone: environments and sessions by id, trials by
// environment, problem, point and id.
void sortByContent(Records& records);

// The inverse of name(TrialStatus), and all names for messages.
std::optional<TrialStatus> statusOf(std::string_view text);
std::string statusNames();

// What is wrong with a trial, whatever wrote it, as the end of "it has ..."; nothing when sound.
std::optional<std::string> trialFault(const Trial& trial);

// The same for a whole set: every named id is there, and a trial's session ran in its environment.
// The error names the id; its file is left empty.
Status checkReferences(const Records& records);

// Which trials are read. What is left out matches all.
struct RecordFilter {
  std::string environment; // id, or its first digits, at least four; empty: any
  std::optional<Problem> problem;
};

// What a merge or an import changed.
struct Taken {
  std::int64_t environments = 0; // new ones, here and below
  std::int64_t sessions = 0;
  std::int64_t trials = 0;
  std::int64_t earlier = 0; // known trials whose earlier recording was taken over
  std::int64_t known = 0;   // trials that changed nothing
};

} // namespace ptotune
