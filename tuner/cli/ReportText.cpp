#include "tuner/cli/ReportText.h"

#include "tuner/cli/Text.h"

#include <fmt/format.h>

#include <algorithm>

namespace ptotune::cli {
namespace {

using report::Shape;
using report::Target;
using Align = Table::Align;

constexpr const char* kNone = "-";
constexpr std::size_t kShownParameters = 3;

std::string confidenceText(const Shape& shape) {
  if (isExact(shape.champion->environment))
    return "exact";
  return shape.interval ? fmt::format("{} - {}", microseconds(shape.interval->low),
                                      microseconds(shape.interval->high))
                        : kNone;
}

std::string timesTable(const Target& target, const ProblemKeys& keys, const char* base) {
  std::vector<Align> aligns(keys.names.size() + 6, Align::right);
  Table table(aligns);
  std::vector<std::string> heading = keys.names;
  for (const std::string& name :
       {std::string("best us"), std::string("95 %"), fmt::format("{} us", base),
        std::string("speed-up"), std::string("bound us"), std::string("gap")})
    heading.push_back(name);
  table.row(heading);
  for (const Shape& shape : target.shapes) {
    std::vector<std::string> row = keys.values(shape.problem);
    const auto& best = shape.champion;
    row.push_back(best ? microseconds(best->seconds) : kNone);
    row.push_back(best ? confidenceText(shape) : kNone);
    row.push_back(shape.baseSeconds ? microseconds(*shape.baseSeconds) : kNone);
    row.push_back(best && shape.baseSeconds
                      ? fmt::format("{:.2f}x", *shape.baseSeconds / best->seconds)
                      : kNone);
    row.push_back(shape.bound ? microseconds(shape.bound->seconds) : kNone);
    row.push_back(
        best && shape.bound
            ? fmt::format("{:.2f} %", std::max(0.0, 1 - shape.bound->seconds / best->seconds) * 100)
            : kNone);
    table.row(std::move(row));
  }
  return table.text();
}

// "s0 1024, s1 1024: TILE_S1 61 %, CUBE_S0 21 %, SlotNum 4 %"
std::string influenceText(const Target& target, const ProblemKeys& keys, std::size_t width) {
  std::string text;
  for (const Shape& shape : target.shapes) {
    if (!shape.influence)
      continue;
    std::string line;
    const auto values = keys.values(shape.problem);
    for (std::size_t key = 0; key < values.size(); ++key)
      line += fmt::format("{}{} {}", key > 0 ? ", " : "", keys.names[key], values[key]);
    line += ":";
    const auto& mains = shape.influence->mains;
    for (std::size_t i = 0; i < std::min(mains.size(), kShownParameters); ++i)
      line += fmt::format("{} {} {:.0f} %", i > 0 ? "," : "",
                          target.columns[mains[i].dimension].name, 100 * mains[i].share);
    text += wrapped(line, 2, width, 2) + "\n";
  }
  return text.empty() ? "" : "\nshare of the variance that a parameter explains alone\n" + text;
}

std::string targetText(const report::Report& report, const Target& target, std::size_t width) {
  std::vector<Problem> problems;
  std::vector<ProblemPoint> points;
  std::uint64_t samples = 0;
  std::uint64_t equal = 0;
  for (const Shape& shape : target.shapes) {
    problems.push_back(shape.problem);
    points.push_back(
        {shape.problem, shape.champion ? std::optional(shape.champion->point) : std::nullopt});
    samples += shape.samples.size();
    equal += shape.equalPrograms;
  }
  const ProblemKeys keys(problems);
  const Environment& environment = target.environment;
  std::string title = fmt::format("{} on {}, runner {} {}{}; {}, {} of equal programs",
                                  report.job.empty() ? report.database : report.job,
                                  environment.soc, environment.runner, environment.runnerVersion,
                                  environment.toolchain.empty() ? "" : ", " + environment.toolchain,
                                  counted(samples, "sample"), counted(equal, "point"));
  if (!keys.common.empty())
    title += "; " + keys.common;
  return wrapped(title, 0, width) + "\n\n" +
         timesTable(target, keys, report.base == Point() ? "default" : "seed") + "\n" +
         pointsTable(points, keys, width) + influenceText(target, keys, width);
}

} // namespace

std::string reportText(const report::Report& report, std::size_t width) {
  if (report.targets.empty())
    return fmt::format("{} holds no times of these shapes yet\n", report.database);
  std::string text;
  for (const Target& target : report.targets)
    text += (text.empty() ? "" : "\n") + targetText(report, target, width);
  return text;
}

} // namespace ptotune::cli
