// What pto-tune says on stderr beside its results: errors, warnings, and with --verbose what it
// does and how long that takes.
#pragma once

#include <spdlog/logger.h>

namespace ptotune::cli {

enum class Verbosity { quiet, normal, verbose };

// Quiet: errors alone, and no progress. Verbose: debug messages as well.
void setVerbosity(Verbosity verbosity);
Verbosity verbosity();

// Lines "pto-tune: error: ...", the level in colour where stderr may have any.
spdlog::logger& log();

} // namespace ptotune::cli
