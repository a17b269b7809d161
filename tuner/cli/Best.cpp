// pto-tune best: what a database knows.
#include "db/Database.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Terminal.h"
#include "tuner/cli/Text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <span>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  pto-tune best --db pto-tune.db
  pto-tune best --db pto-tune.db --format json | jq '.[].point.TILE_S1')";

struct Options {
  std::string database = kDefaultDatabase;
  std::string format = "table";
};

nlohmann::ordered_json jsonOf(const Champion& champion) {
  const Environment& environment = champion.environment;
  nlohmann::ordered_json trials = nlohmann::ordered_json::object();
  for (std::size_t status = 0; status < kTrialStatusCount; ++status)
    if (champion.trials[status] > 0)
      trials[name(static_cast<TrialStatus>(status))] = champion.trials[status];
  return {
      {"soc", environment.soc},
      {"soc_hash", environment.socHash.hex()},
      {"runner", environment.runner},
      {"runner_version", environment.runnerVersion},
      {"toolchain", environment.toolchain},
      {"tool_version", environment.toolVersion},
      {"environment", environment.hash().hex()},
      {"problem", nlohmann::ordered_json::parse(champion.problem.json())},
      {"point", nlohmann::ordered_json::parse(champion.point.json())},
      {"point_text", champion.point.text()},
      {"seconds", champion.seconds},
      {"tflops", champion.problem.flops() / champion.seconds / 1e12},
      {"costs", champion.calibrated ? "calibrated" : "extrapolated"},
      {"samples", champion.samples},
      {"ties", champion.ties},
      {"source_hash", champion.sourceHash.hex()},
      {"program_hash", champion.programHash.hex()},
      {"trials", trials},
  };
}

std::string environmentText(const Environment& environment) {
  std::string text = environment.soc;
  if (!environment.socHash.empty())
    text += fmt::format(" (profile {})", environment.socHash.hex().substr(0, 8));
  text += fmt::format(", runner {} {}", environment.runner, environment.runnerVersion);
  if (!environment.toolchain.empty())
    text += ", " + environment.toolchain;
  return text + ", pto-tune " + environment.toolVersion;
}

// The champions of one environment: times, then points.
std::string environmentTables(std::span<const Champion> champions, std::size_t width) {
  std::vector<Problem> problems;
  std::vector<ProblemPoint> points;
  for (const Champion& champion : champions) {
    problems.push_back(champion.problem);
    points.push_back({champion.problem, champion.point});
  }
  const ProblemKeys keys(problems);
  std::vector<Table::Align> aligns(keys.names.size() + 3, Table::Align::right);
  aligns.push_back(Table::Align::left);
  Table table(aligns);
  const auto row = [&](std::vector<std::string> cells, std::vector<std::string> more) {
    cells.insert(cells.end(), more.begin(), more.end());
    table.row(std::move(cells));
  };
  row(keys.names, {"best us", "TFLOP/s", "trials", "costs"});
  for (const Champion& champion : champions)
    row(keys.values(champion.problem),
        {microseconds(champion.seconds), teraflops(champion.problem, champion.seconds),
         grouped(static_cast<std::uint64_t>(champion.trialCount())),
         champion.calibrated ? "calibrated" : "extrapolated"});
  const std::string title = environmentText(champions.front().environment) +
                            (keys.common.empty() ? "" : "; " + keys.common);
  return wrapped(title, 0, width) + "\n\n" + table.text() + "\n" + pointsTable(points, keys, width);
}

int printTables(const Options& options, std::span<const Champion> champions) {
  if (champions.empty())
    fmt::print("{} holds no times yet; 'pto-tune tune JOB --db {}' adds some\n", options.database,
               options.database);
  const std::size_t width = std::max<std::size_t>(terminalOf(stdout).width, 80);
  for (std::size_t first = 0; first < champions.size();) {
    std::size_t last = first;
    while (last < champions.size() && champions[last].environment == champions[first].environment)
      ++last;
    fmt::print("{}{}", first > 0 ? "\n" : "",
               environmentTables(champions.subspan(first, last - first), width));
    first = last;
  }
  return kSuccess;
}

int runBest(const Options& options) {
  auto database = Database::open(options.database, OpenMode::readOnly);
  if (!database)
    return fail(database.error());
  const auto champions = database->champions();
  if (!champions)
    return fail(champions.error());
  if (options.format == "table")
    return printTables(options, *champions);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Champion& champion : *champions)
    list.push_back(jsonOf(champion));
  fmt::print("{}\n", list.dump(2));
  return kSuccess;
}

} // namespace

void addBest(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("best", "Print the best points that a database knows");
  addFile(*command, "--db", options->database, "tuning database, only read");
  command->add_option("--format", options->format, "table for people (default), json for scripts")
      ->check(CLI::IsMember({"table", "json"}))
      ->option_text("FORM");
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runBest(*options); }; });
}

} // namespace ptotune::cli
