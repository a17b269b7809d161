// The generated C++ header that carries champions into a kernel author's build, and the same
// entries for other readers.
#pragma once

#include "db/Champion.h"
#include "db/Statistics.h"
#include "db/configurations/Reach.h"
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
  Reach reach;                          // other shapes that the champion's point may run
  Interval interval;                    // of the champion's median, s; both 0: not known
};

struct HeaderInput {
  std::string toolVersion;
  Point fallback; // the answer for shapes that no entry serves
  // In any order, at most one for each (SoC, head, s0, s1, causal).
  std::vector<HeaderEntry> entries;
};

// The order of entries in every format: by SoC, head, causality, type, s0, s1. It depends on
// content alone.
std::vector<HeaderEntry> inHeaderOrder(std::vector<HeaderEntry> entries);
// The environments of entries, each once, by SoC, runner and id.
std::vector<Environment> environmentsOf(const std::vector<HeaderEntry>& entries);

// One C++17 header that includes <cstddef> and <cstdint> only; in the namespace:
//   Config, kConfigs    what was tuned: problem, every parameter, times in us, evidence
//   kEnvironments       who measured, with what
//   lookup(head, s0, s1, causal, soc)   constexpr; says which tier matched: exact, nearest,
//   default.
//                       `soc` may be left out where all entries are of one
//   fits(config)        whether the tiles divide the shape; asserted for every entry
//   TFA_FOR_EACH_CASE   X-macro for upstream's manual kernel, over the entries that have a
//   `manual`;
//                       where there are several SoCs, TFA_FOR_EACH_CASE_<SOC> for each
// Does not compile where PTO_TUNE_PTO_ISA_HASH is defined and is not what the entries were measured
// with. Equal content gives equal bytes: nothing depends on the clock or on the order of entries.
std::string renderHeader(const HeaderInput& input, const std::string& nameSpace = "pto_tune");

// The same entries as one JSON object (db/FORMAT.md, "Configurations"), as TOML with the same keys,
// and as variables of CMake.
std::string renderConfigurationsJson(const HeaderInput& input);
std::string renderConfigurationsToml(const HeaderInput& input);
std::string renderConfigurationsCmake(const HeaderInput& input);

} // namespace ptotune
