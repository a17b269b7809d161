// Trials with where they came from, as they travel between files: by merging, exporting and
// importing. FORMAT.md documents the merge rule and the texts.
#pragma once

#include "db/Champion.h"
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

// What a session asked for, in its order: a trial that it recorded, or that was known already.
struct AskRecord {
  Hash session;
  std::int64_t ordinal = 0; // in the session, from 0; pruning leaves gaps
  Hash trial;

  bool operator==(const AskRecord&) const = default;
};

// How many points of its space a session found to be rejected by a rule. The empty rule has those
// that no rule rejects.
struct RejectionRecord {
  Hash session;
  Problem problem;
  std::string rule;
  std::int64_t points = 0;
};

// What a session proved about the points of a problem.
struct ProofRecord {
  Hash session;
  Problem problem;
  SpaceProof proof;
};

// Every id that a record names stands in the same Records, but for what notes are about.
struct Records {
  std::vector<Environment> environments;
  std::vector<SessionIdentity> sessions;
  std::vector<TrialRecord> trials;
  std::vector<AskRecord> asks;
  std::vector<RejectionRecord> rejections;
  std::vector<ProofRecord> proofs;
  std::vector<Note> notes;
};

// Moves all of `more` behind what `all` holds.
void append(Records& all, Records more);

// The order of exports. It depends on content alone: environments, sessions and notes by id, trials
// by environment, problem, point and id, asks by session and ordinal, rejections by session,
// problem and rule, proofs by session, problem and space.
void sortByContent(Records& records);

// The inverse of name(TrialStatus), and all names for messages.
std::optional<TrialStatus> statusOf(std::string_view text);
std::string statusNames();
// The inverse of name(NoteSubject).
std::optional<NoteSubject> noteSubjectOf(std::string_view text);

bool isUtf8(const std::string& text);

// What is wrong with a trial, whatever wrote it, as the end of "it has ..."; nothing when sound.
std::optional<std::string> trialFault(const Trial& trial);

// What is wrong with a note, as the end of "it has ..."; nothing when sound.
std::optional<std::string> noteFault(const Note& note);

// What is wrong with a proof, as the end of "it has ..."; nothing when sound.
std::optional<std::string> proofFault(const SpaceProof& proof);

// The same for a whole set: every named id is there, a trial's session ran in its environment, and
// the trials that a session asked for as well.
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
  std::int64_t asks = 0;
  std::int64_t rejections = 0;
  std::int64_t proofs = 0;
  std::int64_t notes = 0;
};

} // namespace ptotune
