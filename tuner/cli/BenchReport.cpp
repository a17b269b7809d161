#include "tuner/cli/BenchReport.h"

#include "db/Identity.h"
#include "tuner/PointText.h"
#include "tuner/cli/Json.h"
#include "tuner/cli/Text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace ptotune::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kShortId = 8;

bool simulated(const BenchSweep& sweep) {
  return sweep.environment.runner == kSimRunner;
}

std::string identity(const Environment& environment) {
  std::string text = fmt::format("runner {} {}", environment.runner, environment.runnerVersion);
  if (!environment.toolchain.empty())
    text += "; " + environment.toolchain;
  return text + fmt::format("; pto-tune {}; environment {}", environment.toolVersion,
                            environment.hash().hex().substr(0, kShortId));
}

// A recording has no numbers, but says whether they were in tolerance.
std::string errorCell(const BenchRow& row, bool bySimulator) {
  if (row.maxError)
    return fmt::format("{:.1e}{}", *row.maxError, *row.right ? "" : " wrong");
  return !bySimulator && row.trial.status == TrialStatus::correct ? "in tolerance" : "-";
}

std::string table(const BenchSweep& sweep, const ProblemKeys& keys) {
  using Align = Table::Align;
  std::vector<Align> aligns(keys.names.size(), Align::right);
  for (const Align align :
       {Align::left, Align::right, Align::right, Align::right, Align::right, Align::right})
    aligns.push_back(align);
  Table table(aligns);
  std::vector<std::string> heading = keys.names;
  for (const char* name : {"point", "tiles", "us", "TFLOP/s", "max error", "speed-up"})
    heading.emplace_back(name);
  table.row(std::move(heading));
  for (const BenchRow& row : sweep.rows) {
    const auto& [label, problem, point, kernel] = row.candidate;
    std::vector<std::string> cells = keys.values(problem);
    cells.push_back(label);
    cells.push_back(grouped(static_cast<std::uint64_t>(problem.s1 / point.tileS1())));
    const auto time = row.trial.time();
    cells.push_back(time ? microseconds(*time) : name(row.trial.status));
    cells.push_back(time ? teraflops(problem, *time) : "-");
    cells.push_back(errorCell(row, simulated(sweep)));
    cells.push_back(row.speedUp() ? fmt::format("{:.3f}x", *row.speedUp()) : "-");
    table.row(std::move(cells));
  }
  return table.text();
}

// What the numbers were held against.
std::string errorNote(const BenchSweep& sweep) {
  std::set<std::string> checked;
  for (const BenchRow& row : sweep.rows)
    if (row.checked)
      checked.insert(fmt::format(
          "s0={},s1={}{}", row.checked->s0, row.checked->s1,
          row.checkedRows < row.checked->s0 ? fmt::format(" ({} rows)", row.checkedRows) : ""));
  if (checked.empty())
    return "max error: only what is in tolerance was recorded as correct";
  return fmt::format(
      "max error: largest absolute one against attention in fp64, with data{}, on {}",
      simulated(sweep) ? ", of the same kernel" : "", fmt::join(checked, "; "));
}

// What the columns are, and why rows have no time.
std::string notes(const BenchPlan& plan, const BenchSweep& sweep, std::size_t width) {
  std::string text =
      wrapped(fmt::format("speed-up: against {}, measured by the same runner", plan.baselineLabel),
              0, width) +
      "\n";
  text += wrapped(errorNote(sweep), 0, width) + "\n";
  if (!sweep.manual.empty())
    text += wrapped("manual: " + sweep.manual, 0, width, 2) + "\n";
  for (const BenchRow& row : sweep.rows)
    if (!row.trial.time())
      text +=
          wrapped(fmt::format("{} on s0={},s1={}: {}", row.candidate.label,
                              row.candidate.problem.s0, row.candidate.problem.s1,
                              row.trial.detail.empty() ? name(row.trial.status) : row.trial.detail),
                  0, width, 2) +
          "\n";
  return text;
}

// The points of a label: one where it is the same for all problems.
std::vector<std::pair<std::string, Point>> pointsOf(const BenchPlan& plan,
                                                    const std::string& label) {
  std::vector<std::pair<std::string, Point>> points;
  for (const auto* list : {&plan.baselines, &plan.candidates})
    for (const BenchCandidate& one : *list)
      if (one.label == label) {
        auto place = fmt::format("s0={},s1={}", one.problem.s0, one.problem.s1);
        if (std::ranges::find(points, place, &std::pair<std::string, Point>::first) == points.end())
          points.emplace_back(std::move(place), one.point);
      }
  const bool same = std::ranges::all_of(
      points, [&](const auto& point) { return point.second == points.front().second; });
  if (same && !points.empty())
    points = {{"", points.front().second}};
  return points;
}

std::string pointsText(const BenchPlan& plan, std::span<const BenchLabel> labels,
                       std::size_t width) {
  std::string text = "points\n";
  for (const BenchLabel& label : labels) {
    const std::string source = label.source.empty() ? "" : " (" + label.source + ")";
    for (const auto& [place, point] : pointsOf(plan, label.label))
      text += wrapped(fmt::format("{}{}{}: {}", label.label, place.empty() ? "" : " on " + place,
                                  source, shortText(point)),
                      2, width, 2) +
              "\n";
  }
  return text + "parameters that are not named: as in the default point\n";
}

ordered_json rowJson(const BenchRow& row) {
  const auto& [label, problem, point, kernel] = row.candidate;
  ordered_json object = {{"label", label},
                         {"kernel", kernel == BenchKernel::manual ? "manual" : "own"},
                         {"problem", problemJson(problem)},
                         {"point", pointJson(point)},
                         {"point_text", point.text()},
                         {"tiles", problem.s1 / point.tileS1()},
                         {"status", name(row.trial.status)},
                         {"detail", row.trial.detail},
                         {"samples", row.trial.seconds}};
  const auto time = row.trial.time();
  object["seconds"] = time ? ordered_json(*time) : ordered_json();
  object["gflops"] = time ? ordered_json(problem.flops() / *time / 1e9) : ordered_json();
  object["tflops"] = time ? ordered_json(problem.flops() / *time / 1e12) : ordered_json();
  object["speed_up"] = row.speedUp() ? ordered_json(*row.speedUp()) : ordered_json();
  if (row.maxError) {
    object["max_error"] = *row.maxError;
    object["right"] = *row.right;
    object["checked"] = problemJson(*row.checked);
    object["checked_rows"] = row.checkedRows;
  }
  return object;
}

} // namespace

std::string benchText(const Job& job, const BenchPlan& plan, std::span<const BenchSweep> sweeps,
                      std::span<const BenchLabel> labels, std::size_t width) {
  const ProblemKeys keys(job.problems);
  std::string text;
  for (const BenchSweep& sweep : sweeps) {
    text += wrapped(fmt::format("{} on {}{}", job.name, sweep.environment.soc,
                                keys.common.empty() ? "" : "; " + keys.common),
                    0, width) +
            "\n" + wrapped(identity(sweep.environment), 0, width) + "\n\n" + table(sweep, keys) +
            "\n" + notes(plan, sweep, width) + "\n";
  }
  if (sweeps.size() > 1)
    text += wrapped("Times of different runners are not comparable: each table has a baseline of "
                    "its own.",
                    0, width) +
            "\n\n";
  return text + pointsText(plan, labels, width);
}

ordered_json benchJson(const Job& job, const BenchPlan& plan, std::span<const BenchSweep> sweeps,
                       std::span<const BenchLabel> labels) {
  ordered_json all = ordered_json::array();
  for (const BenchSweep& sweep : sweeps) {
    ordered_json rows = ordered_json::array();
    for (const BenchRow& row : sweep.rows)
      rows.push_back(rowJson(row));
    all.push_back({{"environment", ordered_json::parse(canonicalJson(sweep.environment))},
                   {"environment_id", sweep.environment.hash().hex()},
                   {"manual", sweep.manual},
                   {"interrupted", sweep.interrupted},
                   {"rows", rows}});
  }
  ordered_json sources = ordered_json::object();
  for (const BenchLabel& label : labels)
    sources[label.label] = label.source;
  return {{"job", job.name},
          {"soc", job.soc.name},
          {"baseline", plan.baselineLabel},
          {"labels", sources},
          {"sweeps", all}};
}

} // namespace ptotune::cli
