// Files that the build puts into the program (tuner/CMakeLists.txt).
#pragma once

#include <string_view>

namespace ptotune::report {

// The content of a file by its name ("style.css"); empty for a name that was not built in.
std::string_view asset(std::string_view name);

} // namespace ptotune::report
