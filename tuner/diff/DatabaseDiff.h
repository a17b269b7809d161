// What one database says of each problem's best point, against another one.
#pragma once

#include "db/Database.h"
#include "tuner/diff/Changes.h"

#include <optional>
#include <string>
#include <vector>

namespace ptotune {

// The champions of one SoC, runner and problem, each of its newest environment. A problem that only
// one database knows has one of them.
struct ChampionChange {
  std::optional<Champion> before;
  std::optional<Champion> after;

  const Champion& any() const { return before ? *before : *after; }
  std::vector<Change> changes() const; // none where one is missing
  double ratio() const;                // after / before; 1 where one is missing
};

// In the order of Database::champions() of `before`, then what only `after` has.
Result<std::vector<ChampionChange>> diffDatabases(const Database& before, const Database& after);

// What differs between two environments, a line each: "toolchain codegen-1 -> codegen-2".
std::vector<std::string> environmentChanges(const Environment& before, const Environment& after);

} // namespace ptotune
