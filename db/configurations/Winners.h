// Which champions a program gets: one for each shape, with what else is known of it.
#pragma once

#include "db/Database.h"
#include "db/configurations/Header.h"
#include "db/configurations/Profiles.h"

#include <optional>
#include <string>
#include <vector>

namespace ptotune {

// What is left empty matches all.
struct WinnerFilter {
  std::string soc;
  std::string runner;
  std::string environment; // first digits of its id
  std::vector<Problem> problems;
};

// One champion for each SoC and problem, in the order of Header.h. Where several environments have
// measured a problem on a SoC: a device before the virtual Ascend, then the environment with the
// newest trial of this problem, then the smaller id.
Result<std::vector<Champion>> winners(const Database& database, const WinnerFilter& filter);

// A champion with its interval and, where there is a profile of its SoC, its reach.
Result<HeaderEntry> headerEntry(const Database& database, Champion champion,
                                const SocProfile* profile);

struct WinnerEntries {
  std::vector<HeaderEntry> entries;
  // Without a profile: their entries answer for their own shapes only, and have no `manual`.
  std::vector<std::string> unknownSocs;
};
// The same with the times of the default point and of the best point for upstream's manual kernel.
Result<WinnerEntries> winnerEntries(const Database& database, const WinnerFilter& filter,
                                    Profiles& profiles);

} // namespace ptotune
