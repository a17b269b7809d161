// What this machine has of all that pto-tune can make use of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ptotune {

enum class CheckState : std::uint8_t {
  found,
  absent, // and nothing asked for it: something cannot be done here
  broken, // it is there, or was asked for, but does not work
};
const char* name(CheckState state);

struct Check {
  std::string id;    // stable: "ptoas"
  std::string title; // for people
  CheckState state = CheckState::absent;
  std::string found; // where, and which version; what is wrong
  std::string neededFor;
  std::string advice; // what to do; empty where there is nothing to do
};

// Looks at the environment variables, PATH, /dev and the file of the database; runs each program
// that it finds with --version, and the device's compiler once over the headers of pto-isa to
// identify them. Writes nothing but a temporary folder.
std::vector<Check> examine(const std::string& database);

} // namespace ptotune
