// pto-tune db recover: what can still be read of a damaged database.
#include "db/Recover.h"
#include "tuner/cli/DbCommands.h"
#include "tuner/cli/DbReport.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples =
    R"(The damaged file is only read. What is lost is said, table by table.

Exit code: 0 nothing is lost, 1 something is, 2 nothing can be read.

Example:
  pto-tune db recover pto-tune.db --into recovered.db)";

struct Options {
  std::string damaged;
  std::string into;
};

int runRecover(const Options& options) {
  auto recovered = recoverDatabase(options.damaged, options.into);
  if (!recovered)
    return fail(recovered.error());
  fmt::print("{}: {}\n", options.into, takenText(recovered->taken));
  for (const std::string& lost : recovered->lost)
    fmt::print("lost: {}\n", lost);
  return recovered->lost.empty() ? kSuccess : kRejected;
}

} // namespace

void addDbRecover(CLI::App& db, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      db.add_subcommand("recover", "Read what can still be read of a damaged database");
  command->add_option("DAMAGED", options->damaged, "database, only read")
      ->required()
      ->option_text(" ");
  command->add_option("--into", options->into, "written into; made when it is missing")
      ->required()
      ->option_text("FILE");
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runRecover(*options); }; });
}

} // namespace ptotune::cli
