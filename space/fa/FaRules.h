// The legality rules of the flash-attention family.
#pragma once

#include "space/Rules.h"

#include <span>

namespace ptotune::fa {

std::span<const Rule> shapeRules();
std::span<const Rule> capacityRules();
std::span<const Rule> protocolRules();

} // namespace ptotune::fa
