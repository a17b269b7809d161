// pto-tune space --classes: which points are one program.
#include "tuner/cli/Classes.h"

#include "tuner/Classes.h"
#include "tuner/Programs.h"
#include "tuner/cli/ProgressLine.h"
#include "tuner/cli/Text.h"

#include <fmt/format.h>

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

void printProblem(const Job& job, const Problem& problem, std::string_view what,
                  const std::vector<PointProgram>& programs) {
  fmt::print("{}: {}\n\n{}", problem.text(), what, neighboursText(job.space, programs));
}

int runWhole(const Job& job, int jobs) {
  Arena arena(jobs);
  WorkList list;
  {
    TuneProgress progress;
    const ProgressLine line(progress, stderr);
    arena.run([&] { list = makeWorkList(job); });
    lowerAll(job, list, arena, progress);
  }
  for (std::uint32_t problem = 0; problem < job.problems.size(); ++problem) {
    const auto programs = programsOf(list, problem);
    printProblem(job, job.problems[problem],
                 fmt::format("all {}", counted(programs.size(), "legal point")), programs);
    fmt::print("\n{}{}", classesText(job.space, programs),
               problem + 1 < job.problems.size() ? "\n" : "");
  }
  return kSuccess;
}

int runSample(const Job& job, std::size_t sample, int jobs) {
  Arena arena(jobs);
  for (std::size_t problem = 0; problem < job.problems.size(); ++problem) {
    constexpr std::uint64_t kSeed = 1;
    const auto programs = sampleNeighbours(job, job.problems[problem], sample, kSeed, arena);
    if (!programs)
      return fail(programs.error());
    printProblem(job, job.problems[problem],
                 fmt::format("{} drawn from the legal ones, and their neighbours: {} in all",
                             counted(sample, "point"), grouped(programs->size())),
                 *programs);
    if (problem + 1 < job.problems.size())
      fmt::print("\n");
  }
  return kSuccess;
}

} // namespace

int runClasses(const Job& job, std::size_t sample, int jobs) {
  if (sample > 0)
    return runSample(job, sample, jobs);
  if (auto status = exhaustible(job.space); !status) {
    Error error = status.error();
    error.advice = "--sample 100 looks at that many points and their neighbours";
    return fail(error);
  }
  return runWhole(job, jobs);
}

} // namespace ptotune::cli
