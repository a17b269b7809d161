#include "tuner/report/Simulated.h"

#include "codegen/Lowering.h"
#include "runners/SimRunner.h"
#include "runners/sim/view/Gantt.h"
#include "tuner/Parallel.h"
#include "tuner/PointText.h"
#include "tuner/search/bnb/BranchAndBound.h"

#include <fmt/format.h>

namespace ptotune::report {
namespace {

std::optional<double> simulated(SimRunner& runner, const Problem& problem, const Point& point) {
  const Candidate candidate{problem, point};
  const auto artifact = runner.prepare(candidate);
  if (!artifact)
    return std::nullopt;
  return runner.measure(candidate, **artifact, {}).time();
}

} // namespace

Result<std::optional<SpaceBound>> spaceBound(const Job& job, const Problem& problem,
                                             const std::map<Point, double>& times,
                                             const ReportOptions& options, TuneProgress& progress) {
  SimRunner runner(job.soc);
  Arena arena(options.jobs);
  const auto evaluate = [&](const std::vector<Point>& points) {
    std::vector<std::optional<double>> found(points.size());
    arena.forEach(points.size(), [&](std::size_t i) {
      const auto known = times.find(points[i]);
      found[i] = known != times.end() ? std::optional(known->second)
                                      : simulated(runner, problem, points[i]);
    });
    return found;
  };
  const search::ProofOptions proofOptions{
      .stop = {.evaluations = options.boundEvaluations, .flag = &progress.stop}, .seed = job.seed};
  const auto proof = search::branchAndBound(problem, job.soc, job.space, proofOptions, evaluate);
  if (!proof)
    return proof.error();
  if (!proof->best || proof->bound <= 0)
    return std::optional<SpaceBound>();
  return std::optional(
      SpaceBound{proof->bound, proof->reason == "optimal", proof->critical.text()});
}

Result<std::string> timeline(const Job& job, const Problem& problem, const Point& point) {
  const auto kernel = lower(KernelSpec::of(problem), point, job.soc, Emit::program);
  if (!kernel)
    return kernel.error();
  const auto code = sim::compile(kernel->program, job.soc);
  if (!code)
    return code.error();
  sim::Recording recording(kernel->program, job.soc);
  const sim::SimResult run = sim::simulateLaunch(**code, problem, {}, &recording);
  if (run.outcome != sim::Outcome::finished)
    return Error{.message = run.detailText(), .key = "problem", .value = problem.text()};
  const sim::Gantt gantt = sim::makeGantt(recording, sim::phasesOf(recording));
  return sim::ganttSvg(gantt,
                       fmt::format("S0 {}, S1 {}: {}{}", problem.s0, problem.s1, shortText(point),
                                   kernel->program.next ? "; the first launch" : ""));
}

} // namespace ptotune::report
