// Subcommands of `pto-tune db` that stand in files of their own.
#pragma once

#include "tuner/cli/Commands.h"

namespace ptotune::cli {

void addDbNote(CLI::App& db, Command& chosen);
void addDbRecover(CLI::App& db, Command& chosen);

} // namespace ptotune::cli
