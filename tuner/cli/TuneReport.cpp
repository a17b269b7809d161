#include "tuner/cli/TuneReport.h"

#include "db/Champions.h"
#include "tuner/PointText.h"
#include "tuner/cli/RejectionTable.h"
#include "tuner/cli/Text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ptotune::cli {
namespace {

constexpr const char* kNone = "-";

using Align = Table::Align;
using Row = std::vector<std::string>;

Table tableOf(const ProblemKeys& keys, const std::vector<std::pair<const char*, Align>>& columns) {
  std::vector<Align> aligns(keys.names.size(), Align::right);
  Row heading = keys.names;
  for (const auto& [name, align] : columns) {
    heading.emplace_back(name);
    aligns.push_back(align);
  }
  Table table(aligns);
  table.row(heading);
  return table;
}

Row with(Row row, std::initializer_list<std::string> cells) {
  row.insert(row.end(), cells);
  return row;
}

std::string countsTable(const TuneResult& result, const ProblemKeys& keys) {
  Table table = tableOf(keys, {{"raw", Align::right},
                               {"legal", Align::right},
                               {"distinct", Align::right},
                               {"evaluated", Align::right}});
  for (const ProblemResult& one : result.problems)
    table.row(with(keys.values(one.problem),
                   {grouped(one.enumeration.raw), grouped(one.enumeration.legal),
                    grouped(one.distinct) + (one.complete ? "" : "+"), grouped(one.evaluated)}));
  return table.text();
}

bool hasDefaultSeed(const Job& job) {
  return job.seed == Point();
}

const char* costsOf(const Trial& trial) {
  return trial.calibrated ? "calibrated" : "extrapolated";
}

// The lines of a diagnostic, or of a wait-for cycle, as one.
std::string inOneLine(std::string text) {
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', end))
    text.replace(end, 1, "; ");
  return text;
}

// How far any other point can be from the best ones; "" where times have noise.
std::string gapText(const TuneResult& result, std::size_t width) {
  const auto answered =
      static_cast<std::size_t>(std::ranges::count_if(result.problems, [](const ProblemResult& one) {
        return one.complete && one.best.has_value();
      }));
  if (answered == 0 || !isExact(result.environment))
    return "";
  return wrapped(answered == result.problems.size()
                     ? "gap: 0 %, every legal point of the space is answered"
                     : "gap: 0 % where every legal point is answered; nothing is proven of the "
                       "other problems",
                 2, width, 2) +
         "\n";
}

} // namespace

std::string timesTable(const Job& job, const TuneResult& result, const ProblemKeys& keys) {
  const std::string seedHeading = hasDefaultSeed(job) ? "default us" : "seed us";
  Table table = tableOf(keys, {{"best us", Align::right},
                               {"TFLOP/s", Align::right},
                               {seedHeading.c_str(), Align::right},
                               {"TFLOP/s", Align::right},
                               {"speed-up", Align::right},
                               {"costs", Align::left}});
  for (const ProblemResult& one : result.problems) {
    Row row = keys.values(one.problem);
    const auto time = [](const std::optional<Trial>& trial) {
      return trial ? microseconds(*trial->time()) : kNone;
    };
    const auto rate = [](const std::optional<Trial>& trial) {
      return trial ? teraflops(trial->problem, *trial->time()) : kNone;
    };
    const std::string speedUp = one.best && one.seed
                                    ? fmt::format("{:.2f}x", *one.seed->time() / *one.best->time())
                                    : kNone;
    table.row(with(std::move(row), {time(one.best), rate(one.best), time(one.seed), rate(one.seed),
                                    speedUp, one.best ? costsOf(*one.best) : kNone}));
  }
  return table.text();
}

std::string seedText(const Job& job, std::size_t width) {
  if (hasDefaultSeed(job))
    return "";
  return wrapped(fmt::format("seed: {}", shortText(job.seed)), 2, width) + "\n";
}

std::string failuresText(const TuneResult& result, std::size_t width) {
  std::string text;
  for (const ProblemResult& one : result.problems) {
    if (!one.firstFailure)
      continue;
    std::string counts;
    for (const auto& [status, count] : one.failures)
      counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", grouped(count), name(status));
    const Trial& first = *one.firstFailure;
    text += fmt::format("\nno time: {} ({})\n", one.problem.text(), counts);
    text += wrapped(fmt::format("{}: {}: {}", shortText(first.point), name(first.status),
                                inOneLine(first.detail)),
                    2, width) +
            "\n";
  }
  return text;
}

std::string tuneReport(const Job& job, const TuneResult& result, std::size_t width) {
  std::vector<Problem> problems;
  std::vector<ProblemPoint> points;
  std::vector<Enumeration> enumerations;
  for (const ProblemResult& one : result.problems) {
    problems.push_back(one.problem);
    points.push_back({one.problem, one.best ? std::optional(one.best->point) : std::nullopt});
    enumerations.push_back(one.enumeration);
  }
  const ProblemKeys keys(problems);
  std::string title = fmt::format("{} on {}, runner {}, space {}", job.name, job.soc.name,
                                  result.environment.runner, job.space.name);
  if (!keys.common.empty())
    title += "; " + keys.common;
  std::string text = wrapped(title, 0, width) + "\n\n";
  text += countsTable(result, keys) + "\n";
  text += timesTable(job, result, keys) + "\n";
  text += pointsTable(points, keys, width) + gapText(result, width);
  text += seedText(job, width);
  if (const std::string rejected = rejectionTables(problems, enumerations, width);
      !rejected.empty())
    text += "\n" + rejected;
  return text + failuresText(result, width);
}

std::string evaluatedText(const TuneResult& result, double seconds) {
  std::uint64_t evaluated = 0;
  for (const ProblemResult& one : result.problems)
    evaluated += one.evaluated;
  if (result.interrupted)
    return fmt::format("interrupted: evaluated {} in {}; the same command continues",
                       counted(evaluated, "new point"), duration(seconds));
  if (evaluated == 0)
    return "evaluated 0 new points: the database already holds every answer";
  return fmt::format("evaluated {} in {}", counted(evaluated, "new point"), duration(seconds));
}

} // namespace ptotune::cli
