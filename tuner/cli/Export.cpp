// pto-tune export: the winners of a database for other programs.
#include "db/Database.h"
#include "db/configurations/Header.h"
#include "db/configurations/Profiles.h"
#include "db/configurations/Winners.h"
#include "db/file/WriteFile.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Log.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples =
    R"(One configuration for each SoC and problem. Where several environments have
measured a problem, a device comes before the virtual Ascend, then the newest.
A file that holds the same already is not touched.

Examples:
  pto-tune export --db pto-tune.db --output pto_tune.h
  pto-tune export pto-tune.db --format json | jq '.entries[].point.TILE_S1'
  pto-tune export pto-tune.db --job fa_910b2 --format toml

Exit code: 0 done, 2 bad input, or a problem of --job that was never measured.)";

struct Options {
  std::string database = kDefaultDatabase;
  std::string format = "header";
  std::string output;
  std::string nameSpace = "pto_tune";
  std::string job;
  WinnerFilter filter;
};

bool isIdentifier(std::string_view text) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) == 0 &&
         std::ranges::all_of(text, plain);
}

// "a" or "a::b"
Status checkNamespace(const std::string& name) {
  std::string_view rest = name;
  while (true) {
    const std::size_t end = rest.find("::");
    if (!isIdentifier(rest.substr(0, end)))
      return Error{.message = "the namespace is no C++ name",
                   .key = "--namespace",
                   .value = name,
                   .expected = "a name like my_project::tuned"};
    if (end == std::string_view::npos)
      return {};
    rest.remove_prefix(end + 2);
  }
}

Status checkOutput(const Options& options) {
  if (options.output.empty())
    return {};
  std::error_code missing; // then they are not the same
  if (std::filesystem::equivalent(options.output, options.database, missing))
    return Error{.message = "the export would replace the database itself",
                 .file = options.output,
                 .advice = "name another file"};
  return checkWritable(options.output);
}

// The problems and the SoC of --job.
Status narrowToJob(const std::string& path, WinnerFilter& filter) {
  if (path.empty())
    return {};
  const auto job = loadJob(path, configsFolder());
  if (!job)
    return job.error();
  if (!filter.soc.empty() && filter.soc != job->soc.name)
    return Error{.message = "the job is for another SoC",
                 .file = path,
                 .key = "--soc",
                 .value = filter.soc,
                 .expected = job->soc.name};
  filter.soc = job->soc.name;
  filter.problems = job->problems;
  return {};
}

Status checkComplete(const Options& options, const WinnerFilter& filter,
                     const std::vector<HeaderEntry>& entries) {
  std::vector<std::string> missing;
  for (const Problem& problem : filter.problems)
    if (std::ranges::none_of(entries, [&problem](const HeaderEntry& entry) {
          return entry.champion.problem == problem;
        }))
      missing.push_back(problem.text());
  if (missing.empty())
    return {};
  return Error{
      .message = fmt::format("the database has no time for {} of the job's problems: {}",
                             missing.size(), fmt::join(missing, "; ")),
      .file = options.database,
      .advice = fmt::format("run 'pto-tune tune {} --db {}' first", options.job, options.database)};
}

Result<std::string> render(const Options& options) {
  WinnerFilter filter = options.filter;
  if (auto narrowed = narrowToJob(options.job, filter); !narrowed)
    return narrowed.error();
  auto database = Database::open(options.database, OpenMode::readOnly);
  if (!database)
    return database.error();
  Profiles profiles(configsFolder());
  auto winners = winnerEntries(*database, filter, profiles);
  if (!winners)
    return winners.error();
  if (auto complete = checkComplete(options, filter, winners->entries); !complete)
    return complete.error();
  for (const std::string& soc : winners->unknownSocs)
    log().warn("there is no profile of '{}' in {}: its configurations answer for their own shapes "
               "only; set PTO_TUNE_CONFIGS to a folder with soc/*.toml",
               soc, configsFolder().empty() ? "any known folder" : configsFolder());
  const HeaderInput input{
      .toolVersion = PTO_TUNE_VERSION, .fallback = Point(), .entries = std::move(winners->entries)};
  if (options.format == "json")
    return renderConfigurationsJson(input);
  if (options.format == "toml")
    return renderConfigurationsToml(input);
  if (options.format == "cmake")
    return renderConfigurationsCmake(input);
  return renderHeader(input, options.nameSpace);
}

int runExport(const Options& options) {
  if (auto named = checkNamespace(options.nameSpace); !named)
    return fail(named.error());
  if (auto writable = checkOutput(options); !writable)
    return fail(writable.error());
  const auto text = render(options);
  if (!text)
    return fail(text.error());
  return printOrWrite(options.output, *text);
}

} // namespace

void addWinnersExport(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("export", "Write the best points as header, TOML, JSON or CMake");
  CLI::Option* option = addFile(*command, "--db", options->database, "tuning database, only read");
  command->add_option("DATABASE", options->database, "tuning database, as with --db")
      ->option_text(" ")
      ->excludes(option);
  const auto text = [&](const char* name, std::string& value, const char* what, const char* kind) {
    return command->add_option(name, value, what)->option_text(kind);
  };
  text("--format", options->format, "header (default), toml, json or cmake", "FORM")
      ->check(CLI::IsMember({"header", "toml", "json", "cmake"}));
  text("--output", options->output, "written instead of standard output", "FILE");
  text("--job", options->job, "only the job's problems on its SoC, and all of them", "FILE")
      ->transform(jobOption);
  text("--soc", options->filter.soc, "only this one: Ascend910B2", "NAME");
  text("--runner", options->filter.runner, "only what it measured: sim, ascend", "NAME");
  text("--environment", options->filter.environment, "only this one: first digits of its id", "ID");
  text("--namespace", options->nameSpace, "of the header; default: pto_tune", "NAME");
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runExport(*options); }; });
}

} // namespace ptotune::cli
