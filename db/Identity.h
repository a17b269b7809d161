// Content addresses of what the database stores, and the canonical forms they are taken over.
// FORMAT.md documents them. Persisted: a changed form is a new schema version.
#pragma once

#include "db/Trial.h"
#include "space/Hash.h"

#include <cstdint>
#include <string>

namespace ptotune {

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
};

// JSON objects with sorted keys and no white space; hashes as 32 hexadecimal digits.
std::string canonicalJson(const Environment& environment);
std::string canonicalJson(const KernelIdentity& kernel);
std::string canonicalJson(const SessionIdentity& session);

Hash contentId(const KernelIdentity& kernel);
Hash contentId(const SessionIdentity& session);

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
