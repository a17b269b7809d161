// The upstream assembler: the versions whose text this library writes, and running an installed
// one.
#pragma once

#include "space/Hash.h"
#include "space/Result.h"

#include <optional>
#include <string>
#include <string_view>

namespace ptotune {

// Who reads the `.pto` text.
enum class Ptoas : unsigned char {
  v0_49, // set_ffts takes a memref
  v0_60, // set_ffts takes a pointer
  none   // this library alone: everything the dialect can say, upstream's or not
};
std::string_view name(Ptoas version); // "v0.60", "v0.49", "none"
std::optional<Ptoas> ptoasNamed(std::string_view name);

// What an installed assembler made of a text.
struct PtoasOutput {
  std::string version; // its own words on --version, in one line
  std::string cpp;
  // Over both: one text compiled by two assemblers is two kernels, even where the C++ is the same.
  Hash identity;
};

// Runs the executable `compiler` on `text`, for A2/A3 with synchronisation inserted. The error says
// that there is no such program, or how it ended and what it wrote to stderr.
Result<PtoasOutput> runPtoas(const std::string& compiler, std::string_view text);

} // namespace ptotune
