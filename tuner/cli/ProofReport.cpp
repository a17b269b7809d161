#include "tuner/cli/ProofReport.h"

#include "tuner/cli/Text.h"
#include "tuner/cli/TuneReport.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>

namespace ptotune::cli {
namespace {

using Align = Table::Align;
using Row = std::vector<std::string>;

// Why each search ended, and where bounds are known, how far any other point can be from the best.
std::string endsTable(const ProvenResult& result, const ProblemKeys& keys) {
  const bool hasBounds = std::ranges::any_of(
      result.proofs, [](const search::Proof& proof) { return proof.bound > 0; });
  std::vector<Align> aligns(keys.names.size() + (hasBounds ? 2 : 0), Align::right);
  aligns.push_back(Align::left);
  Table table(aligns);
  Row heading = keys.names;
  if (hasBounds)
    heading.insert(heading.end(), {"bound us", "gap"});
  heading.emplace_back("ended");
  table.row(heading);
  for (std::size_t i = 0; i < result.proofs.size(); ++i) {
    const search::Proof& proof = result.proofs[i];
    Row row = keys.values(result.tune.problems[i].problem);
    if (hasBounds && proof.best && proof.bound > 0)
      row.insert(row.end(), {microseconds(proof.bound), fmt::format("{:.2f} %", 100 * proof.gap)});
    else if (hasBounds)
      row.insert(row.end(), {"-", "-"});
    row.push_back(proof.reason);
    table.row(row);
  }
  return table.text();
}

// What keeps each best point from being faster: of any runner's point, as the simulator's model
// sees it.
std::string limitsTable(const ProvenResult& result, const ProblemKeys& keys) {
  std::vector<Align> aligns(keys.names.size(), Align::right);
  aligns.push_back(Align::left);
  Table table(aligns);
  Row heading = keys.names;
  const bool simulates = result.tune.environment.runner == kSimRunner;
  heading.emplace_back(simulates ? "held back by" : "held back by, in the simulator's model");
  table.row(heading);
  for (std::size_t i = 0; i < result.proofs.size(); ++i) {
    Row row = keys.values(result.tune.problems[i].problem);
    row.push_back(result.proofs[i].best ? result.proofs[i].critical.text() : "-");
    table.row(row);
  }
  return table.text();
}

// Of the points that shape, capacity and resource rules leave.
std::string shareMeasured(const search::Decided& decided) {
  constexpr double kWhole = 100;
  constexpr double kLeast = 0.001;
  constexpr double kShort = 10; // from here on one decimal is enough
  if (decided.candidates == 0)
    return "0 %";
  if (decided.evaluated >= decided.candidates)
    return "100 %";
  const double percent =
      kWhole * static_cast<double>(decided.evaluated) / static_cast<double>(decided.candidates);
  if (percent > 0 && percent < kLeast)
    return fmt::format("below {} %", kLeast);
  return percent < kShort ? fmt::format("{:.2g} %", percent) : fmt::format("{:.1f} %", percent);
}

// A line for each way in which points were decided; a column for each problem from `first` to
// before `last`.
Table decidedTable(const ProvenResult& result, const ProblemKeys& keys, std::size_t first,
                   std::size_t last) {
  const std::span proofs = std::span(result.proofs).subspan(first, last - first);
  const std::span problems = std::span(result.tune.problems).subspan(first, last - first);
  std::vector<Align> aligns(proofs.size() + 1, Align::right);
  aligns.front() = Align::left;
  Table table(aligns);
  const auto row = [&](std::string label, const auto& cell) {
    Row cells = {std::move(label)};
    for (const search::Proof& proof : proofs)
      cells.push_back(cell(proof.decided));
    table.row(std::move(cells));
  };
  for (std::size_t key = 0; key < keys.names.size(); ++key) {
    Row cells = {keys.names[key]};
    for (const ProblemResult& one : problems)
      cells.push_back(keys.values(one.problem)[key]);
    table.row(std::move(cells));
  }
  using search::Decided;
  const auto count = [&](const char* label, std::uint64_t Decided::* member) {
    row(label, [member](const Decided& one) { return grouped(one.*member); });
  };
  // What only one kind of search does.
  const auto countIfAny = [&](const char* label, std::uint64_t Decided::* member) {
    if (std::ranges::any_of(proofs,
                            [&](const search::Proof& proof) { return proof.decided.*member > 0; }))
      count(label, member);
  };
  const auto byRule = [&](std::map<std::string, std::uint64_t> Decided::* member) {
    std::set<std::string> rules;
    for (const search::Proof& proof : proofs)
      for (const auto& [rule, number] : proof.decided.*member)
        rules.insert(rule);
    for (const std::string& rule : rules)
      row("rejected by " + rule, [&](const Decided& one) {
        const auto found = (one.*member).find(rule);
        return grouped(found == (one.*member).end() ? 0 : found->second);
      });
  };
  count("raw", &Decided::raw);
  byRule(&Decided::rejected);
  count("left by these rules", &Decided::candidates);
  countIfAny("no better bound", &Decided::bounded);
  countIfAny("looked into", &Decided::opened);
  byRule(&Decided::protocol);
  countIfAny("no faster than with other depths", &Decided::dominated);
  countIfAny("no better bound with its depths", &Decided::slower);
  countIfAny("of the same time", &Decided::equal);
  countIfAny("known before", &Decided::told);
  countIfAny("with an equal program", &Decided::sameProgram);
  count("measured", &Decided::evaluated);
  row("share measured", shareMeasured);
  return table;
}

std::string decidedTables(const ProvenResult& result, const ProblemKeys& keys, std::size_t width) {
  return tablesThatFit(result.proofs.size(), width, [&](std::size_t first, std::size_t last) {
    return decidedTable(result, keys, first, last);
  });
}

} // namespace

std::string proofReport(const Job& job, const ProvenResult& result, std::size_t width) {
  std::vector<Problem> problems;
  std::vector<ProblemPoint> points;
  for (const ProblemResult& one : result.tune.problems) {
    problems.push_back(one.problem);
    points.push_back({one.problem, one.best ? std::optional(one.best->point) : std::nullopt});
  }
  const ProblemKeys keys(problems);
  const std::string title =
      fmt::format("{} on {}, runner {}, space {}; {}", job.name, job.soc.name,
                  result.tune.environment.runner, job.space.name, keys.common);
  return wrapped(title, 0, width) + "\n\n" + timesTable(job, result.tune, keys) + "\n" +
         endsTable(result, keys) + "\n" + pointsTable(points, keys, width) + seedText(job, width) +
         "\n" + limitsTable(result, keys) + "\n" + decidedTables(result, keys, width) +
         failuresText(result.tune, width);
}

} // namespace ptotune::cli
