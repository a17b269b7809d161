// Parts of the generated header; private to db/. Entries are in the order of inHeaderOrder().
#pragma once

#include "db/configurations/Header.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ptotune::header {

// Microseconds to the nanosecond, or `absent`.
std::string micro(double seconds);
std::string microOr(const std::optional<double>& seconds, const char* absent);
std::optional<double> manualSeconds(const HeaderEntry& entry);
std::string hexOrNothing(const Hash& hash);
// "0.25 %", or "no bound" where none is proven
std::string gapText(const Champion& champion);
// "head 128, s0 1024, s1 1024, not causal"
std::string shapeText(const Problem& problem);
// Every SoC once, in order.
std::vector<std::string> socsOf(std::span<const HeaderEntry> entries);

// The comment that people read first: who measured, and a table of all entries.
std::string preamble(const HeaderInput& input, std::span<const HeaderEntry> entries);
// kEnvironments, kConfigs and kDefault.
std::string tables(const HeaderInput& input, std::span<const HeaderEntry> entries);
// The X-macros for upstream's manual kernel, with their checks.
std::string manualCases(std::span<const HeaderEntry> entries);

} // namespace ptotune::header
