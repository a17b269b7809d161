// pto-tune report: what a database knows of its shapes, as a page, as text or as JSON.
#include "tuner/report/Report.h"

#include "db/configurations/Profiles.h"
#include "db/file/WriteFile.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Interrupt.h"
#include "tuner/cli/Log.h"
#include "tuner/cli/ReportText.h"
#include "tuner/cli/Terminal.h"
#include "tuner/report/Json.h"
#include "tuner/report/Page.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <optional>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  pto-tune report --db fa.db
  pto-tune report fa_910b2 --db fa.db --html fa.html
      one page that opens in any browser, without a network
  pto-tune report fa_910b2 --db fa.db --format json

With a job, its shapes are reported, with proven bounds of the best time, what
the rules reject, and the timeline of each best point; without one, all that
the database holds.

Exit code: 0 done, 1 the database holds no times, 2 bad input, 130 interrupted.)";

struct Options {
  std::string job;
  std::string database = kDefaultDatabase;
  std::string html;
  std::string format = "text";
  report::ReportOptions report;
};

int runReport(const Options& options) {
  std::optional<Job> job;
  if (!options.job.empty()) {
    auto loaded = loadJob(options.job, configsFolder());
    if (!loaded)
      return fail(loaded.error());
    job = *std::move(loaded);
  }
  if (!options.html.empty())
    if (auto status = checkWritable(options.html); !status)
      return fail(status.error());
  const auto database = Database::open(options.database, OpenMode::readOnly);
  if (!database)
    return fail(database.error());
  TuneProgress progress;
  const InterruptGuard guard(progress.stop);
  const auto made = report::makeReport(*database, job ? &*job : nullptr, options.report, progress);
  if (!made)
    return fail(made.error());
  if (progress.stop)
    return kInterrupted;
  if (!options.html.empty()) {
    const std::string page = report::renderPage(*made);
    log().debug("page of {} bytes", page.size());
    if (auto status = writeFile(options.html, page); !status)
      return fail(status.error());
  }
  if (options.format == "json")
    fmt::print("{}\n", report::summaryJson(*made).dump(2));
  else
    fmt::print("{}", reportText(*made, terminalOf(stdout).width));
  if (!options.html.empty() && options.format != "json")
    fmt::print("report    {}\n", options.html);
  return made->targets.empty() ? kRejected : kSuccess;
}

} // namespace

void addReport(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("report", "Sum up what a database knows, as text or as a page");
  command
      ->add_option(
          "JOB", options->job,
          "job file (TOML), or the name of an installed one;\ndefault: everything in the database")
      ->transform(jobOption)
      ->option_text(" ");
  addFile(*command, "--db", options->database, "tuning database, only read");
  command->add_option("--html", options->html, "also write the report as one self-contained page")
      ->option_text("FILE");
  addFormat(*command, options->format);
  command
      ->add_option("--evaluations", options->report.boundEvaluations,
                   "give up the search for a shape's bound after so many\nmeasurements; it holds "
                   "all the same (default: 2000)")
      ->option_text("N");
  addThreads(*command, options->report.jobs);
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runReport(*options); }; });
}

} // namespace ptotune::cli
