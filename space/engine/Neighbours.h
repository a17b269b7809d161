// Legal configurations near a given one.
#pragma once

#include "space/engine/LegalSet.h"

#include <cstdint>
#include <span>
#include <vector>

namespace ptotune::engine {

enum class Neighbourhood : std::uint8_t {
  oneParameter, // any other value of one parameter
  adjacent,     // one parameter at the next value below or above that is legal, by domain order
  hamming,      // other values of up to `distance` parameters
};

// The indices of the legal neighbours, ascending; the configuration itself is none of them. It need
// not be legal, but its cells are from the domains. `distance` is read for Neighbourhood::hamming.
std::vector<std::uint64_t> neighbours(const LegalSet& set, std::span<const Cell> row,
                                      Neighbourhood kind, unsigned distance = 1);

} // namespace ptotune::engine
