// A unit over upstream's manual kernel (runners/manual) as host code for the virtual device.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace ptotune::test {

// The unit with its launch as a call of the kernel's function, behind `virtualManual`, to which the
// kernel of the stand-in's tree hands its template arguments and its parameters: they, and not the
// unit's first line, say what the virtual device executes.
std::string manualHostCode(const nlohmann::json& origin, std::string unit);

} // namespace ptotune::test
