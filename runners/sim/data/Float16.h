// IEEE binary16, which the host need not know.
#pragma once

#include "codegen/program/Program.h"

#include <bit>
#include <cstdint>

namespace ptotune::sim {

using Half = std::uint16_t; // the bits of an fp16 value

// Exact. A NaN stays a NaN.
float toFloat(Half half);

// The nearest fp16 value. What lies beyond the largest one by half a unit or more becomes infinite,
// and subnormal results are kept.
Half toHalf(float value, program::Rounding rounding = program::Rounding::tiesToEven);

} // namespace ptotune::sim
