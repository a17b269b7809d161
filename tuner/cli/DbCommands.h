// Subcommands of `pto-tune db` that stand in files of their own.
#pragma once

#include "tuner/cli/Commands.h"

#include <string>

namespace ptotune::cli {

// --format table (default) or json, of what a subcommand answers.
void addAnswer(CLI::App& command, std::string& format);

void addDbNote(CLI::App& db, Command& chosen);
void addDbRecover(CLI::App& db, Command& chosen);

} // namespace ptotune::cli
