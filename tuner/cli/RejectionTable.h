// How many points each rule rejects, for people: a row for each rule, a column for each problem.
#pragma once

#include "space/Problem.h"
#include "space/Rules.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ptotune::cli {

// What rejects points in any of these: rules in the order of rules(), then constraints.
std::vector<std::string> rejectingRules(std::span<const Enumeration> enumerations);
// Points that a rule rejects, none where it is not named.
std::uint64_t rejectedBy(const Enumeration& enumeration, const std::string& rule);

// The counts of each problem, in tables that fit `width`; "" where nothing is rejected.
std::string rejectionTables(std::span<const Problem> problems,
                            std::span<const Enumeration> enumerations, std::size_t width);

} // namespace ptotune::cli
