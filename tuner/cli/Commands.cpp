#include "tuner/cli/Commands.h"

#include "db/configurations/Profiles.h"
#include "db/file/WriteFile.h"
#include "tuner/cli/Log.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <system_error>

namespace ptotune::cli {
namespace {

constexpr const char* kStory =
    R"(A job is a TOML file with a SoC, shapes and a space of parameters, or the name
of an installed one. What is measured is kept in a database and never measured
again; the virtual Ascend measures where there is no device.

Example:
  pto-tune doctor
      what is here, and what to do about what is not
  pto-tune tune fa_910b2 --db fa.db --header fa.h
      the best point of each shape, and the C++ header that holds them
  pto-tune best --db fa.db
      what is known already
  pto-tune check fa_910b2 --point "QK_PRELOAD=8,SlotNum=2"
      why a point is not legal, with numbers and what to change

'pto-tune COMMAND --help' tells more, with examples.)";

// The commands by what they are for, in the order of --help.
struct Group {
  const char* name;
  std::vector<void (*)(CLI::App&, Command&)> commands;
};
const std::vector<Group>& groups() {
  static const std::vector<Group> all = {
      {"Find and use the best points", {addTune, addBest, addWinnersExport, addReport, addDiff}},
      {"Look into points", {addCheck, addLower, addSimulate, addVerify, addBench}},
      {"Look into spaces, rules and searches", {addSpace, addAgree, addStudy, addCalibrate}},
      {"Databases and this machine", {addDb, addDoctor, addCompletion}}};
  return all;
}

// Hidden commands stay hidden.
void addCommands(CLI::App& app, Command& chosen) {
  for (const Group& group : groups()) {
    const std::size_t before = app.get_subcommands({}).size();
    for (const auto add : group.commands)
      add(app, chosen);
    const auto commands = app.get_subcommands({});
    for (std::size_t i = before; i < commands.size(); ++i)
      if (!commands[i]->get_group().empty())
        commands[i]->group(group.name);
  }
}

std::string commandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({}))
    if (!command->get_group().empty())
      names.push_back(command->get_name());
  return fmt::format("{}", fmt::join(names, ", "));
}

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

namespace {

// "fa_910b2, fa_910b2_wide"; "none" where there are none.
std::string installedJobs() {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(fs::path(configsFolder()) / "jobs", failed))
    if (entry.path().extension() == ".toml")
      names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

} // namespace

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

std::string jobOption(const std::string& asked) {
  const std::string file = jobFile(asked);
  std::error_code missing;
  if (file.find('/') == std::string::npos && !std::filesystem::exists(file, missing))
    throw CLI::ValidationError(
        fmt::format("{}: there is no such job file; installed are {}", asked, installedJobs()));
  return file;
}

CLI::Option* addJob(CLI::App& command, std::string& path) {
  return command.add_option("JOB", path, "job file (TOML), or the name of an installed one")
      ->required()
      ->transform(jobOption)
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
  auto loaded = loadJob(job, configsFolder());
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
  auto loaded = loadJob(job, configsFolder());
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
  quiet->option_text(" ");
  app.add_flag_callback(
         "-v,--verbose", [] { setVerbosity(Verbosity::verbose); },
         "also what is done and how long it takes; with\nevery command")
      ->excludes(quiet)
      ->option_text(" ");
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
  addCommands(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {
    return app.exit(request); // --help, --version
  } catch (const CLI::ParseError& error) {
    return failParse(app, error);
  }
  if (!chosen)
    return fail({.message = "a command is missing",
                 .expected = "one of " + commandNames(app),
                 .advice = "see 'pto-tune --help'"});
  return runChosen(chosen);
}

} // namespace ptotune::cli
