// A point as people write it.
#pragma once

#include "space/Point.h"

#include <string>

namespace ptotune {

// The parameters in which `point` differs from the default point, as Point::parse() takes them
// with the default point as base; "the default point" where there are none.
std::string shortText(const Point& point);

} // namespace ptotune
