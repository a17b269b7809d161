// pto-tune db recover: what can still be read of a damaged database.
#include "db/maintain/Recover.h"
#include "tuner/cli/DbCommands.h"
#include "tuner/cli/DbReport.h"
#include "tuner/cli/Json.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

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
  std::string format;
};

int runRecover(const Options& options) {
  auto recovered = recoverDatabase(options.damaged, options.into);
  if (!recovered)
    return fail(recovered.error());
  const int code = recovered->lost.empty() ? kSuccess : kRejected;
  if (options.format == "json") {
    printJson({{"database", options.into},
               {"taken", takenJson(recovered->taken)},
               {"lost", recovered->lost}});
    return code;
  }
  fmt::print("{}: {}\n", options.into, takenText(recovered->taken));
  for (const std::string& lost : recovered->lost)
    fmt::print("lost: {}\n", lost);
  return code;
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
  addAnswer(*command, options->format);
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runRecover(*options); }; });
}

} // namespace ptotune::cli
