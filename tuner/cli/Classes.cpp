// pto-tune space --classes: which points are one program.
#include "tuner/cli/Classes.h"

#include "tuner/Classes.h"
#include "tuner/Programs.h"
#include "tuner/cli/Json.h"
#include "tuner/cli/ProgressLine.h"
#include "tuner/cli/Text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>

namespace ptotune::cli {
namespace {

std::string neighboursText(const Space& space, const std::vector<PointProgram>& programs) {
  using Align = Table::Align;
  Table table({Align::left, Align::right, Align::right, Align::left});
  table.row({"points that differ in", "pairs", "one program", ""});
  for (const NeighbourCount& count : countNeighbours(space, programs))
    table.row({count.parameter, grouped(count.pairs), grouped(count.same),
               count.same == count.pairs ? "inert"
               : count.same > 0          ? "inert at times"
                                         : ""});
  return table.text();
}

std::string classesText(const Space& space, const std::vector<PointProgram>& programs) {
  using Align = Table::Align;
  Table table({Align::left, Align::right, Align::right});
  table.row({"points of one program differ in", "programs", "points"});
  for (const ClassKind& kind : classKinds(space, programs))
    table.row({kind.parameters.empty() ? "nothing: the only one"
                                       : fmt::format("{}", fmt::join(kind.parameters, ", ")),
               grouped(kind.classes), grouped(kind.points)});
  return table.text();
}

nlohmann::ordered_json jsonOf(const Job& job, const Problem& problem,
                              const std::vector<PointProgram>& programs, bool whole) {
  auto neighbours = nlohmann::ordered_json::array();
  for (const NeighbourCount& count : countNeighbours(job.space, programs))
    neighbours.push_back(
        {{"parameter", count.parameter}, {"pairs", count.pairs}, {"one_program", count.same}});
  auto classes = nlohmann::ordered_json::array();
  if (whole)
    for (const ClassKind& kind : classKinds(job.space, programs))
      classes.push_back(
          {{"parameters", kind.parameters}, {"programs", kind.classes}, {"points", kind.points}});
  return {{"problem", problemJson(problem)},
          {"points", programs.size()},
          {"whole", whole},
          {"neighbours", neighbours},
          {"classes", classes}};
}

int printAll(const Job& job, const nlohmann::ordered_json& problems) {
  printJson({{"space", job.space.name}, {"soc", job.soc.name}, {"problems", problems}});
  return kSuccess;
}

void printProblem(const Job& job, const Problem& problem, std::string_view what,
                  const std::vector<PointProgram>& programs) {
  fmt::print("{}\n\n{}",
             wrapped(fmt::format("{}: {}", problem.text(), what), 0, terminalOf(stdout).width, 2),
             neighboursText(job.space, programs));
}

int runWhole(const Job& job, int jobs, bool json) {
  Arena arena(jobs);
  WorkList list;
  {
    TuneProgress progress;
    const ProgressLine line(progress, stderr);
    arena.run([&] { list = makeWorkList(job); });
    lowerAll(job, list, arena, progress);
  }
  auto all = nlohmann::ordered_json::array();
  for (std::uint32_t problem = 0; problem < job.problems.size(); ++problem) {
    const auto programs = programsOf(list, problem);
    if (json) {
      all.push_back(jsonOf(job, job.problems[problem], programs, true));
      continue;
    }
    printProblem(job, job.problems[problem],
                 fmt::format("all {}", counted(programs.size(), "legal point")), programs);
    fmt::print("\n{}{}", classesText(job.space, programs),
               problem + 1 < job.problems.size() ? "\n" : "");
  }
  return json ? printAll(job, all) : kSuccess;
}

int runSample(const Job& job, std::size_t sample, int jobs, bool json) {
  Arena arena(jobs);
  auto all = nlohmann::ordered_json::array();
  for (std::size_t problem = 0; problem < job.problems.size(); ++problem) {
    constexpr std::uint64_t kSeed = 1;
    const auto programs = sampleNeighbours(job, job.problems[problem], sample, kSeed, arena);
    if (!programs)
      return fail(programs.error());
    if (json) {
      all.push_back(jsonOf(job, job.problems[problem], *programs, false));
      continue;
    }
    printProblem(job, job.problems[problem],
                 fmt::format("{} drawn from the legal ones, and their neighbours: {} in all",
                             counted(sample, "point"), grouped(programs->size())),
                 *programs);
    if (problem + 1 < job.problems.size())
      fmt::print("\n");
  }
  return json ? printAll(job, all) : kSuccess;
}

} // namespace

int runClasses(const Job& job, std::size_t sample, int jobs, bool json) {
  if (sample > 0)
    return runSample(job, sample, jobs, json);
  if (auto status = exhaustible(job.space); !status) {
    Error error = status.error();
    error.advice = "--sample 100 looks at that many points and their neighbours";
    return fail(error);
  }
  return runWhole(job, jobs, json);
}

} // namespace ptotune::cli
