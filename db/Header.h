// The generated C++ header that carries champions into a kernel author's build.
#pragma once

#include "db/Champion.h"
#include "space/Point.h"

#include <optional>
#include <string>
#include <vector>

namespace ptotune {

// The best point that upstream's manual kernel can express, and its time.
struct ManualBest {
  Point point;
  double seconds = 0;
};

// One shape of the header.
struct HeaderEntry {
  Champion champion;
  std::optional<double> defaultSeconds; // of the default point; nothing: not measured
  std::optional<ManualBest> manual;     // nothing: it can express none of the measured points
};

struct HeaderInput {
  std::string toolVersion;
  Point fallback; // the answer for shapes without an entry
  // In any order, at most one for each (head, s0, s1, causal).
  std::vector<HeaderEntry> entries;
};

// One C++17 header in namespace pto_tune that includes <cstddef> and <cstdint> only:
//   Config, kConfigs    what was tuned: problem, every parameter, times in us, identities
//   lookup(head, s0, s1, causal)   constexpr; says whether the match was exact
//   fits(config)        whether the tiles divide the shape; asserted for every entry
//   TFA_FOR_EACH_CASE   X-macro for upstream's manual kernel, over the entries that have a `manual`
// Equal content gives equal bytes: nothing depends on the clock or on the order of entries.
std::string renderHeader(const HeaderInput& input);

} // namespace ptotune
