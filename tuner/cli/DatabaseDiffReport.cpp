#include "tuner/cli/DiffReport.h"
#include "tuner/cli/Text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace ptotune::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kNone = "-";

ordered_json jsonOf(const std::optional<Champion>& champion) {
  if (!champion)
    return nullptr;
  return {{"environment", champion->environment.hash().hex()},
          {"seconds", champion->seconds},
          {"samples", champion->samples},
          {"point", ordered_json::parse(champion->point.json())},
          {"point_text", champion->point.text()}};
}

const char* verdictOf(const ChampionChange& change) {
  if (!change.before)
    return "new";
  if (!change.after)
    return "lost";
  return change.ratio() < 1 ? "faster" : change.ratio() > 1 ? "slower" : "same";
}

bool sameTable(const ChampionChange& a, const ChampionChange& b) {
  return a.any().environment.soc == b.any().environment.soc &&
         a.any().environment.runner == b.any().environment.runner;
}

std::string timesTable(std::span<const ChampionChange> changes, const ProblemKeys& keys) {
  std::vector<Table::Align> aligns(keys.names.size() + 3, Table::Align::right);
  aligns.push_back(Table::Align::left);
  Table table(aligns);
  std::vector<std::string> heading = keys.names;
  heading.insert(heading.end(), {"A us", "B us", "change", ""});
  table.row(heading);
  for (const ChampionChange& change : changes) {
    std::vector<std::string> row = keys.values(change.any().problem);
    row.push_back(change.before ? microseconds(change.before->seconds) : kNone);
    row.push_back(change.after ? microseconds(change.after->seconds) : kNone);
    row.push_back(change.before && change.after
                      ? changeText(change.before->seconds, change.after->seconds)
                      : kNone);
    row.emplace_back(verdictOf(change));
    table.row(std::move(row));
  }
  return table.text();
}

// What the environments of both sides differ in, where a problem has both.
std::string environmentsText(std::span<const ChampionChange> changes, std::size_t width) {
  const auto both = std::ranges::find_if(
      changes, [](const ChampionChange& change) { return change.before && change.after; });
  std::string text;
  if (both != changes.end())
    for (const std::string& line :
         environmentChanges(both->before->environment, both->after->environment))
      text += wrapped(line, 2, width, 2) + "\n";
  return text;
}

// The changes of one SoC and runner.
std::string tableText(std::span<const ChampionChange> changes, std::size_t width) {
  std::vector<Problem> problems;
  problems.reserve(changes.size());
  for (const ChampionChange& change : changes)
    problems.push_back(change.any().problem);
  const ProblemKeys keys(problems);
  std::string below;
  for (const ChampionChange& change : changes)
    if (const auto changed = change.changes(); !changed.empty())
      below += wrapped(fmt::format("{}: {}", change.any().problem.text(), changesText(changed)), 2,
                       width, 2) +
               "\n";
  const Environment& environment = changes.front().any().environment;
  const std::string title =
      wrapped(fmt::format("{}, runner {}{}", environment.soc, environment.runner,
                          keys.common.empty() ? "" : "; " + keys.common),
              0, width);
  return title + "\n" + environmentsText(changes, width) + "\n" + timesTable(changes, keys) +
         (below.empty() ? "" : "\nparameters of the best point\n" + below);
}

} // namespace

std::string changeText(double before, double after) {
  return before > 0 ? fmt::format("{:+.1f} %", 100 * (after / before - 1)) : kNone;
}

std::string changesText(std::span<const Change> changes) {
  std::string text;
  for (const Change& change : changes)
    text += fmt::format("{}{} {} -> {}", text.empty() ? "" : ", ", change.parameter, change.from,
                        change.to);
  return text;
}

ordered_json changesJson(std::span<const Change> changes) {
  ordered_json list = ordered_json::array();
  for (const Change& change : changes)
    list.push_back(
        {{"parameter", change.parameter}, {"before", change.from}, {"after", change.to}});
  return list;
}

std::string databaseDiffText(std::span<const ChampionChange> changes, std::size_t width) {
  if (changes.empty())
    return "neither database holds a time\n";
  std::vector<ChampionChange> rest(changes.begin(), changes.end());
  std::string text;
  while (!rest.empty()) {
    const ChampionChange first = rest.front();
    std::vector<ChampionChange> same;
    std::erase_if(rest, [&](const ChampionChange& change) {
      const bool here = sameTable(first, change);
      if (here)
        same.push_back(change);
      return here;
    });
    text += (text.empty() ? "" : "\n") + tableText(same, width);
  }
  return text;
}

ordered_json databaseDiffJson(std::span<const ChampionChange> changes) {
  ordered_json list = ordered_json::array();
  for (const ChampionChange& change : changes) {
    ordered_json environments = ordered_json::array();
    if (change.before && change.after)
      environments = environmentChanges(change.before->environment, change.after->environment);
    list.push_back({{"soc", change.any().environment.soc},
                    {"runner", change.any().environment.runner},
                    {"problem", ordered_json::parse(change.any().problem.json())},
                    {"verdict", verdictOf(change)},
                    {"before", jsonOf(change.before)},
                    {"after", jsonOf(change.after)},
                    {"changes", changesJson(change.changes())},
                    {"environment_changes", environments}});
  }
  return {{"problems", list}};
}

} // namespace ptotune::cli
