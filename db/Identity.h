// Content addresses of what the database stores, and the canonical forms they are taken over.
// FORMAT.md documents them. Persisted: a changed form is a new schema version.
#pragma once

#include "db/Trial.h"
#include "space/Hash.h"

#include <cstdint>
#include <string>

namespace ptotune {

struct Space;

// A kernel that was built for some trial.
struct KernelIdentity {
  std::string family;
  std::string builder; // version of pto-tune, which builds the kernels
  Hash source;         // of the emitted C++
  Hash program;
};

// One run of a tool that records trials.
struct SessionIdentity {
  Hash environment;
  std::string host;
  std::string command;
  std::int64_t started = 0; // microseconds since 1970, UTC
  std::int64_t nonce = 0;   // tells apart sessions that agree in everything else
  std::string device;       // serial number, or another name of its own; empty: not known
  std::string searcher;     // what chose the points; empty: not known
  std::int64_t seed = 0;    // of the searcher
  std::string options;      // of the searcher, in its own words
};

// What a note is about. Stored as integers: do not change the values.
enum class NoteSubject : std::int32_t { trial = 0, session = 1, point = 2, environment = 3 };
inline constexpr std::size_t kNoteSubjectCount = 4;
const char* name(NoteSubject subject);

// What a user wrote down about a row. It may outlive the row in a file that was pruned elsewhere.
struct Note {
  NoteSubject subject = NoteSubject::trial;
  Hash about; // id of the row
  std::string author;
  std::int64_t written = 0; // microseconds since 1970, UTC
  std::string text;
};

// JSON objects with sorted keys and no white space; hashes as 32 hexadecimal digits. Keys that
// schema version 2 brought are left out where nothing is known, so that older rows keep their ids.
std::string canonicalJson(const Environment& environment);
std::string canonicalJson(const KernelIdentity& kernel);
std::string canonicalJson(const SessionIdentity& session);
std::string canonicalJson(const Note& note);
// What decides which points a space has: neither its name nor its file, nor the order of values.
std::string canonicalJson(const Space& space);

Hash contentId(const KernelIdentity& kernel);
Hash contentId(const SessionIdentity& session);
Hash contentId(const Note& note);
Hash contentId(const Space& space);

// Where a trial belongs, by content: the hashes of its environment, problem and point.
struct TrialPlace {
  Hash environment;
  Hash problem;
  Hash point;
};

// The content of a trial: what was found, not when, by whom or how long it took.
std::string canonicalText(const TrialPlace& place, const Trial& trial);
Hash contentId(const TrialPlace& place, const Trial& trial);

} // namespace ptotune
