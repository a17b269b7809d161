// Files that may be packed.
#pragma once

#include "space/Result.h"

#include <string>

namespace ptotune::search {

// The content of a file; unpacked where it is in gzip format, whatever it is called.
Result<std::string> readMaybeGzip(const std::string& path);

} // namespace ptotune::search
