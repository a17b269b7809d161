// pto-tune best: what a database knows.
#include "codegen/Lowering.h"
#include "db/Champions.h"
#include "db/Database.h"
#include "runners/sim/Simulator.h"
#include "tuner/PointText.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Terminal.h"
#include "tuner/cli/Text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  pto-tune best --db pto-tune.db
  pto-tune best --db pto-tune.db --format json | jq '.[].point.TILE_S1'

A table for each environment: a SoC, what measured, and with what it was built.
trials: points whose time is known; gap: how much faster a point can be at most,
where that is proven; costs: whether the shape lies in the range that the SoC
profile was fitted to.

Exit code: 0 done, 2 bad input.)";

struct Options {
  std::string database = kDefaultDatabase;
  std::string format = "table";
};

// A champion with how sure it is.
struct Row {
  Champion champion;
  Standing standing;
  std::optional<std::string> confirm; // why it is only a candidate
  std::int64_t ties = 0;
};

// What a champion of this SoC and runner would be measured with now: by the virtual Ascend of this
// program, and by a device with what its newest trials were measured with.
Environment identityNow(const Environment& newest) {
  Environment now = newest;
  now.toolVersion = PTO_TUNE_VERSION;
  if (isExact(newest)) {
    now.runnerVersion = sim::kVersion;
    now.toolchain = kCodegenVersion;
  }
  return now;
}

// Of each SoC and runner the environment with the newest trial comes first.
Result<std::vector<Row>> rowsOf(const Database& database) {
  auto champions = database.champions();
  if (!champions)
    return champions.error();
  std::vector<Row> rows;
  Environment newest;
  for (const Champion& champion : *champions) {
    const Environment& environment = champion.environment;
    if (rows.empty() || environment.soc != newest.soc || environment.runner != newest.runner)
      newest = environment;
    auto standing = standingOf(database, champion);
    if (!standing)
      return standing.error();
    const auto ties =
        isExact(environment) ? champion.ties : static_cast<std::int64_t>(standing->ties.size());
    rows.push_back(
        {champion, std::move(*standing), whyConfirm(environment, identityNow(newest)), ties});
  }
  return rows;
}

nlohmann::ordered_json intervalJson(const Interval& interval) {
  return nlohmann::ordered_json::array({interval.low, interval.high});
}

nlohmann::ordered_json tiesJson(const Standing& standing) {
  nlohmann::ordered_json ties = nlohmann::ordered_json::array();
  for (const PointTime& tie : standing.ties)
    ties.push_back({{"point", nlohmann::ordered_json::parse(tie.point.json())},
                    {"point_text", tie.point.text()},
                    {"seconds", tie.seconds},
                    {"interval", intervalJson(tie.interval)},
                    {"samples", tie.samples}});
  return ties;
}

nlohmann::ordered_json proofJson(const Champion& champion) {
  if (!champion.proof)
    return nullptr;
  return {{"bound", champion.proof->bound},
          {"gap", *champion.gap()},
          {"space", champion.proof->spaceName},
          {"space_hash", champion.proof->space.hex()},
          {"points", champion.proof->points}};
}

nlohmann::ordered_json jsonOf(const Row& row) {
  const Champion& champion = row.champion;
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
      {"proof", proofJson(champion)},
      {"interval", intervalJson(row.standing.best.interval)},
      {"ties", row.ties},
      {"tied", tiesJson(row.standing)},
      {"confirm", row.confirm ? nlohmann::ordered_json(*row.confirm) : nullptr},
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

constexpr std::size_t kShownTies = 5; // of a problem

// The points that a noisy runner does not tell apart from the best.
std::string tiesText(std::span<const Row> rows, const ProblemKeys& keys, std::size_t width) {
  std::string text;
  for (const Row& row : rows) {
    const std::vector<PointTime>& ties = row.standing.ties;
    if (ties.empty())
      continue;
    std::string line = "not told apart from the best";
    const std::vector<std::string> values = keys.values(row.champion.problem);
    for (std::size_t i = 0; i < values.size(); ++i)
      line += fmt::format("{} {} {}", i == 0 ? " of" : ",", keys.names[i], values[i]);
    text += "\n" + wrapped(line + ":", 0, width, 2) + "\n";
    for (const PointTime& tie : std::span(ties).first(std::min(ties.size(), kShownTies)))
      text += wrapped(fmt::format("{} us, {} to {}: {}", microseconds(tie.seconds),
                                  microseconds(tie.interval.low), microseconds(tie.interval.high),
                                  shortText(tie.point)),
                      2, width, 2) +
              "\n";
    if (ties.size() > kShownTies)
      text += fmt::format("  {} more; --format json lists all\n", ties.size() - kShownTies);
  }
  return text;
}

// What the gaps of a table are over.
std::string gapsText(std::span<const Row> rows) {
  if (!isExact(rows.front().champion.environment))
    return "gap: no bound is proven of a device's times";
  std::vector<std::string> spaces; // each once
  bool allProven = true;
  for (const Row& row : rows) {
    const auto& proof = row.champion.proof;
    allProven &= proof.has_value();
    if (!proof)
      continue;
    std::string space = fmt::format("{} ({} points)", proof->spaceName,
                                    grouped(static_cast<std::uint64_t>(proof->points)));
    if (std::ranges::find(spaces, space) == spaces.end())
      spaces.push_back(std::move(space));
  }
  if (spaces.empty())
    return "gap: no bound is proven";
  return fmt::format("gap: how much faster a point can be at most, proven for {}{}",
                     fmt::join(spaces, ", "), allProven ? "" : "; 'no bound': nothing is proven");
}

// The champions of one environment: times, then points.
std::string environmentTables(std::span<const Row> rows, std::size_t width) {
  std::vector<Problem> problems;
  std::vector<ProblemPoint> points;
  for (const Row& one : rows) {
    problems.push_back(one.champion.problem);
    points.push_back({one.champion.problem, one.champion.point});
  }
  const ProblemKeys keys(problems);
  const bool exact = isExact(rows.front().champion.environment);
  std::vector<Table::Align> aligns(keys.names.size() + (exact ? 4 : 5), Table::Align::right);
  aligns.push_back(Table::Align::left);
  Table table(aligns);
  const auto row = [&](std::vector<std::string> cells, std::vector<std::string> more) {
    cells.insert(cells.end(), more.begin(), more.end());
    table.row(std::move(cells));
  };
  std::vector<std::string> heading = {"best us", "TFLOP/s", "trials",
                                      exact ? "costs" : "interval us"};
  if (exact)
    heading.insert(heading.begin() + 2, "gap");
  else
    heading.insert(heading.begin() + 3, {"samples", "ties"});
  row(keys.names, heading);
  for (const Row& one : rows) {
    const Champion& champion = one.champion;
    std::vector<std::string> cells = {microseconds(champion.seconds),
                                      teraflops(champion.problem, champion.seconds)};
    if (exact)
      cells.push_back(champion.proof ? fmt::format("{:.2f} %", 100 * *champion.gap()) : "no bound");
    cells.push_back(grouped(static_cast<std::uint64_t>(champion.trialCount())));
    if (exact)
      cells.emplace_back(champion.calibrated ? "calibrated" : "extrapolated");
    else
      cells.insert(cells.end(),
                   {grouped(static_cast<std::uint64_t>(champion.samples)),
                    grouped(static_cast<std::uint64_t>(one.ties)),
                    fmt::format("{} to {}", microseconds(one.standing.best.interval.low),
                                microseconds(one.standing.best.interval.high))});
    row(keys.values(champion.problem), cells);
  }
  const std::string title = environmentText(rows.front().champion.environment) +
                            (keys.common.empty() ? "" : "; " + keys.common);
  std::string text = wrapped(title, 0, width) + "\n";
  if (rows.front().confirm)
    text += wrapped(fmt::format("candidates to confirm, which 'pto-tune tune' measures first: {}",
                                *rows.front().confirm),
                    0, width, 2) +
            "\n";
  text += "\n" + table.text() + wrapped(gapsText(rows), 0, width, 2) + "\n\n" +
          pointsTable(points, keys, width);
  return text + tiesText(rows, keys, width);
}

int printTables(const Options& options, std::span<const Row> rows) {
  if (rows.empty())
    fmt::print("{} holds no times yet; 'pto-tune tune JOB --db {}' adds some\n", options.database,
               options.database);
  const std::size_t width = terminalOf(stdout).width;
  for (std::size_t first = 0; first < rows.size();) {
    std::size_t last = first;
    while (last < rows.size() &&
           rows[last].champion.environment == rows[first].champion.environment)
      ++last;
    fmt::print("{}{}", first > 0 ? "\n" : "",
               environmentTables(rows.subspan(first, last - first), width));
    first = last;
  }
  return kSuccess;
}

int runBest(const Options& options) {
  auto database = Database::open(options.database, OpenMode::readOnly);
  if (!database)
    return fail(database.error());
  const auto rows = rowsOf(*database);
  if (!rows)
    return fail(rows.error());
  if (options.format == "table")
    return printTables(options, *rows);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Row& row : *rows)
    list.push_back(jsonOf(row));
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
