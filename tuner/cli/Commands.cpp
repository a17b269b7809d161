#include "tuner/cli/Commands.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <system_error>

namespace ptotune::cli {
namespace {

constexpr const char* kStory = R"(Example:
  pto-tune tune configs/jobs/fa_910b2.toml --db pto-tune.db --header pto_tune.h
  pto-tune best --db pto-tune.db

'pto-tune COMMAND --help' tells more, with examples.)";

// CLI11's message, the command it belongs to, and where to look.
int failParse(const CLI::App& app, const CLI::ParseError& error) {
  std::string command = app.get_name();
  // Each level has chosen at most one.
  for (auto chosen = app.get_subcommands(); !chosen.empty();
       chosen = chosen.front()->get_subcommands())
    command += " " + chosen.front()->get_name();
  return fail({.message = error.what(), .advice = fmt::format("see '{} --help'", command)});
}

int failOutput() {
  return fail({.message = "cannot write to standard output", .advice = "check the disk"});
}

} // namespace

int fail(const Error& error) {
  std::fflush(stdout);
  fmt::print(stderr, "pto-tune: error: {}\n", error.text());
  return kBadInput;
}

CLI::Option* addJob(CLI::App& command, std::string& path) {
  return command.add_option("JOB", path, "job file (TOML)")->required()->option_text(" ");
}

CLI::Option* addPoint(CLI::App& command, std::string& text) {
  return command
      .add_option("--point", text,
                  "\"NAME=value,...\"; parameters left out are those of\nthe default point")
      ->option_text("POINT");
}

CLI::Option* addThreads(CLI::App& command, int& jobs) {
  return command.add_option("--jobs", jobs, "threads; default: one for each core")
      ->check(CLI::Range(0, 1024))
      ->option_text("N");
}

CLI::Option* addFile(CLI::App& command, const char* name, std::string& path, const char* what) {
  return command.add_option(name, path, fmt::format("{}\n(default: {})", what, path))
      ->option_text("FILE");
}

Result<Point> pointOption(const Job& job, const std::string& text) {
  auto point = Point::parse(text, Point());
  if (!point)
    return point;
  if (auto status = job.space.contains(*point); !status)
    return status.error();
  return point;
}

Result<std::vector<Problem>> problemOption(const Job& job, const std::string& text) {
  if (text.empty())
    return job.problems;
  auto problem = Problem::parse(text, job.problems.front());
  if (!problem)
    return problem.error();
  return std::vector<Problem>{*problem};
}

Result<PointOfJob> pointOfJob(const std::string& job, const std::string& point,
                              const std::string& problem) {
  auto loaded = loadJob(job);
  if (!loaded)
    return loaded.error();
  const auto asked = pointOption(*loaded, point);
  if (!asked)
    return asked.error();
  auto problems = problemOption(*loaded, problem);
  if (!problems)
    return problems.error();
  return PointOfJob{std::move(*loaded), *asked, std::move(*problems)};
}

int run(int argc, char** argv) {
  CLI::App app("pto-tune finds the best pipeline parameters of PTO kernels for Ascend NPUs.",
               "pto-tune");
  app.set_version_flag("--version", "pto-tune " PTO_TUNE_VERSION);
  app.footer(kStory);
  app.get_formatter()->column_width(26);
  Command chosen;
  addTune(app, chosen);
  addSpace(app, chosen);
  addCheck(app, chosen);
  addLower(app, chosen);
  addSimulate(app, chosen);
  addAgree(app, chosen);
  addBest(app, chosen);
  addCalibrate(app, chosen);
  addDb(app, chosen);
  addStudy(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {
    return app.exit(request); // --help, --version
  } catch (const CLI::ParseError& error) {
    return failParse(app, error);
  }
  if (!chosen)
    return fail(
        {.message = "a command is missing",
         .expected = "tune, space, check, lower, simulate, agree, best, calibrate, db or study",
         .advice = "see 'pto-tune --help'"});
  try {
    const int code = chosen();
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
      return failOutput();
    return code;
  } catch (const std::system_error&) {
    return failOutput(); // fmt::print
  } catch (const std::exception& defect) {
    fmt::print(stderr, "pto-tune: internal error: {}\n", defect.what());
    return kInternalError;
  }
}

} // namespace ptotune::cli
