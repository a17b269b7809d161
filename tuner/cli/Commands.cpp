#include "tuner/cli/Commands.h"

#include "db/configurations/Profiles.h"
#include "db/file/WriteFile.h"
#include "tuner/cli/Log.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
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
  log().error("{}", error.text());
  return kBadInput;
}

std::string jobFile(const std::string& asked) {
  namespace fs = std::filesystem;
  std::error_code missing;
  if (asked.find('/') != std::string::npos || fs::exists(asked, missing))
    return asked;
  for (const char* suffix : {"", ".toml"}) {
    const fs::path installed = fs::path(configsFolder()) / "jobs" / (asked + suffix);
    if (fs::is_regular_file(installed, missing))
      return installed.string();
  }
  return asked;
}

CLI::Option* addJob(CLI::App& command, std::string& path) {
  return command.add_option("JOB", path, "job file (TOML), or the name of an installed one")
      ->required()
      ->transform(jobFile)
      ->option_text(" ");
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

CLI::Option* addFormat(CLI::App& command, std::string& format) {
  format = "text";
  return command.add_option("--format", format, "text (default), or json for scripts")
      ->check(CLI::IsMember({"text", "json"}))
      ->option_text("FORM");
}

int printOrWrite(const std::string& file, const std::string& text) {
  if (file.empty()) {
    fmt::print("{}", text);
    return kSuccess;
  }
  const auto written = writeFile(file, text);
  return written ? kSuccess : fail(written.error());
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

Result<Job> jobForProblems(const std::string& job, const std::string& problem) {
  auto loaded = loadJob(job);
  if (!loaded)
    return loaded;
  auto problems = problemOption(*loaded, problem);
  if (!problems)
    return problems.error();
  loaded->problems = *std::move(problems);
  return loaded;
}

Result<PointOfJob> pointOfJob(const std::string& job, const std::string& point,
                              const std::string& problem) {
  auto loaded = loadJob(job);
  if (!loaded)
    return loaded.error();
  log().debug("job {}: {} problems on {}, space {} of {} points", loaded->path,
              loaded->problems.size(), loaded->soc.name, loaded->space.name,
              loaded->space.rawSize());
  const auto asked = pointOption(*loaded, point);
  if (!asked)
    return asked.error();
  auto problems = problemOption(*loaded, problem);
  if (!problems)
    return problems.error();
  return PointOfJob{std::move(*loaded), *asked, std::move(*problems)};
}

namespace {

// --quiet and --verbose stand before the command or among its options.
void addVerbosity(CLI::App& app) {
  app.fallthrough();
  CLI::Option* quiet = app.add_flag_callback(
      "-q,--quiet", [] { setVerbosity(Verbosity::quiet); },
      "errors alone on stderr, no progress; with every\ncommand");
  app.add_flag_callback(
         "-v,--verbose", [] { setVerbosity(Verbosity::verbose); },
         "also what is done and how long it takes; with\nevery command")
      ->excludes(quiet);
}

// Runs the command; what it throws is a defect.
int runChosen(const Command& chosen) {
  const auto start = std::chrono::steady_clock::now();
  try {
    const int code = chosen();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    log().debug("done in {:.2f} s, exit code {}", took.count(), code);
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
      return failOutput();
    return code;
  } catch (const std::system_error&) {
    return failOutput(); // fmt::print
  } catch (const std::exception& defect) {
    log().critical("internal error: {}", defect.what());
    return kInternalError;
  }
}

} // namespace

int run(int argc, char** argv) {
  CLI::App app("pto-tune finds the best pipeline parameters of PTO kernels for Ascend NPUs.",
               "pto-tune");
  app.set_version_flag("--version", "pto-tune " PTO_TUNE_VERSION);
  app.footer(kStory);
  app.get_formatter()->column_width(26);
  addVerbosity(app);
  Command chosen;
  addTune(app, chosen);
  addSpace(app, chosen);
  addCheck(app, chosen);
  addLower(app, chosen);
  addSimulate(app, chosen);
  addVerify(app, chosen);
  addAgree(app, chosen);
  addBench(app, chosen);
  addBest(app, chosen);
  addWinnersExport(app, chosen);
  addReport(app, chosen);
  addDiff(app, chosen);
  addCalibrate(app, chosen);
  addDb(app, chosen);
  addStudy(app, chosen);
  addDoctor(app, chosen);
  addCompletion(app, chosen);
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
         .expected =
             "tune, space, check, lower, simulate, verify, agree, bench, best, export, report, "
             "diff, calibrate, db, study, doctor or completion",
         .advice = "see 'pto-tune --help'"});
  return runChosen(chosen);
}

} // namespace ptotune::cli
