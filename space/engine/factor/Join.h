// The conjunction of all relations as one diagram.
#pragma once

#include "space/engine/Diagram.h"
#include "space/engine/factor/Order.h"
#include "space/engine/factor/Relation.h"

#include <span>

namespace ptotune::engine {

// One level per place of the tree and one per parameter with a choice that is no variable. The
// relations' variables follow the tree. Fails when the count leaves 64 bits.
Result<Diagram> join(const Lowered& lowered, const Tree& tree, std::span<const Relation> relations,
                     BuildEffort& effort);

} // namespace ptotune::engine
