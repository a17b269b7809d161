// pto-tune simulate: one point on the virtual Ascend, with the reasons of its time.
#include "db/file/WriteFile.h"
#include "runners/sim/view/Gantt.h"
#include "runners/sim/view/Trace.h"
#include "tuner/PointText.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Kernel.h"
#include "tuner/cli/SimulateReport.h"
#include "tuner/cli/Terminal.h"
#include "tuner/cli/Text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  pto-tune simulate fa_910b2 --report
      the default point on all problems of the job
  pto-tune simulate fa_910b2 --problem "s0=128,s1=8192" \
      --point "TILE_S1=512" --trace trace.json --gantt gantt.svg
      trace.json opens in ui.perfetto.dev
  pto-tune simulate fa_910b2 --problem "s0=128,s1=1024" \
      --functional --gantt -

The protocol rules do not keep a point from being simulated: a hang is shown.

Exit code: 0 good, 1 it hangs, breaks the protocol, has a hazard or wrong
numbers, or has no kernel, 2 bad input.)";

constexpr const char* kTerminal = "-";

struct Options {
  std::string job;
  std::string point;
  std::string problem;
  bool functional = false;
  bool hazards = false;
  std::uint64_t seed = 1;
  std::string trace;
  std::string gantt;
  bool report = false;
  std::string format = "text";

  bool looks() const { return !trace.empty() || !gantt.empty(); }
};

Status oneProblem(const Options& options, std::size_t problems) {
  const char* name = !options.trace.empty()   ? "--trace"
                     : !options.gantt.empty() ? "--gantt"
                     : options.functional     ? "--functional"
                                              : nullptr;
  if (problems == 1 || name == nullptr)
    return {};
  return Error{.message = fmt::format("{} is for one problem, and the job has {}", name, problems),
               .advice = "give --problem"};
}

Status writable(const Options& options) {
  if (options.gantt == kTerminal && options.format == "json")
    return Error{.message = "--gantt - does not go with --format json",
                 .advice = "name a file for the picture"};
  for (const std::string& path : {options.trace, options.gantt})
    if (!path.empty() && path != kTerminal)
      if (auto status = checkWritable(path); !status)
        return status;
  return {};
}

std::string captionOf(const Job& job, const Problem& problem, const Point& point,
                      const sim::SimResult& result) {
  const std::string end = result.outcome == sim::Outcome::finished
                              ? microseconds(result.seconds) + " us"
                              : std::string(sim::name(result.outcome));
  return fmt::format("{} on {}: head {}, S0 {}, S1 {}{}; {}; {}", problem.family, job.soc.name,
                     problem.head, problem.s0, problem.s1, problem.causal ? ", causal" : "",
                     shortText(point), end);
}

// One launch, run in full for those who look.
struct Launch {
  sim::Recording recording;
  sim::SimResult result;
};

Result<std::vector<std::unique_ptr<Launch>>> record(const program::Program& first,
                                                    const SocProfile& soc, const Problem& problem) {
  std::vector<std::unique_ptr<Launch>> launches;
  for (const program::Program* program = &first; program != nullptr;
       program = program->next.get()) {
    const auto code = sim::compile(*program, soc);
    if (!code)
      return code.error();
    auto launch = std::make_unique<Launch>(Launch{sim::Recording(*program, soc), {}});
    launch->result = sim::simulateLaunch(**code, problem, {}, &launch->recording);
    const bool finished = launch->result.outcome == sim::Outcome::finished;
    launches.push_back(std::move(launch));
    if (!finished)
      break;
  }
  return launches;
}

std::string traceOf(const std::vector<std::unique_ptr<Launch>>& launches, const SocProfile& soc) {
  std::vector<sim::TracedLaunch> traced;
  traced.reserve(launches.size());
  double start = 0; // of the first one's work, behind its launch
  for (const auto& launch : launches) {
    traced.push_back({&launch->recording, &launch->result, start});
    start += launch->result.coreSeconds + soc.launchSeconds;
  }
  return sim::traceJson(traced);
}

// Writes the files that were asked for; returns the text Gantt chart, if it was. Charts are of the
// first launch.
Result<std::string> show(const Options& options, const program::Program& program, const Job& job,
                         const Problem& problem, std::string caption) {
  const auto launches = record(program, job.soc, problem);
  if (!launches)
    return launches.error();
  if (!options.trace.empty())
    if (auto status = writeFile(options.trace, traceOf(*launches, job.soc)); !status)
      return status.error();
  if (options.gantt.empty())
    return std::string();
  if (program.next)
    caption += ", here the first launch";
  const sim::Recording& recording = launches->front()->recording;
  const sim::Gantt gantt = sim::makeGantt(recording, sim::phasesOf(recording));
  if (options.gantt == kTerminal) {
    const Terminal terminal = terminalOf(stdout);
    return "\n" + sim::ganttText(gantt, {terminal.width, terminal.colour});
  }
  if (auto status = writeFile(options.gantt, sim::ganttSvg(gantt, caption)); !status)
    return status.error();
  return std::string();
}

class Simulator {
public:
  Simulator(const Options& options, const Job& job, const Point& point)
      : options_(options), job_(job), point_(point) {}

  // Lowers once for all problems that share a kernel.
  Result<const program::Program*> programOf(const Problem& problem) {
    const KernelSpec kernel = KernelSpec::of(problem);
    if (!kernel_ || kernel != kernelSpec_) {
      auto lowered = lower(kernel, point_, job_.soc, Emit::program);
      if (!lowered)
        return noKernel({problem, job_.soc, point_}, lowered.error());
      kernel_ = *std::move(lowered);
      kernelSpec_ = kernel;
    }
    return &kernel_->program;
  }

  // Runs the problem as the options say; `chart` is the text Gantt chart.
  Result<Simulation> run(const program::Program& program, const Problem& problem,
                         std::string& chart) const {
    Simulation simulation{.problem = problem};
    simulation.timing = sim::simulate(program, job_.soc, problem);
    if (simulation.timing.outcome == sim::Outcome::invalid)
      return Error{
          .message = simulation.timing.detailText(), .key = "problem", .value = problem.text()};
    if (simulation.timing.outcome == sim::Outcome::finished) {
      auto sharing = sim::sharingCost(program, job_.soc, problem, simulation.timing.seconds);
      if (!sharing)
        return sharing.error();
      simulation.sharing = *sharing;
    }
    if (options_.looks()) {
      auto shown = show(options_, program, job_, problem,
                        captionOf(job_, problem, point_, simulation.timing));
      if (!shown)
        return shown.error();
      chart = *std::move(shown);
    }
    if (options_.functional) {
      simulation.numbers = sim::runFunctional(program, job_.soc, problem, {.seed = options_.seed});
      simulation.hazards = simulation.numbers->hazards;
    } else if (options_.hazards) {
      simulation.hazards = sim::findHazards(program, job_.soc, problem);
    }
    return simulation;
  }

private:
  const Options& options_;
  const Job& job_;
  const Point& point_;
  KernelSpec kernelSpec_;
  std::optional<LoweredKernel> kernel_;
};

int runSimulate(const Options& options) {
  const auto asked = pointOfJob(options.job, options.point, options.problem);
  if (!asked)
    return fail(asked.error());
  const auto& [job, point, problems] = *asked;
  for (const Status& status : {oneProblem(options, problems.size()), writable(options)})
    if (!status)
      return fail(status.error());

  const std::size_t width = terminalOf(stdout).width;
  const bool json = options.format == "json";
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  Simulator simulator(options, job, point);
  if (!json)
    fmt::print("point on {}, simulator {}\n{}\n", job.soc.name, sim::kVersion,
               wrapped(point.text(), 2, width));
  bool good = true;
  for (const Problem& problem : problems) {
    const auto program = simulator.programOf(problem);
    if (!program) {
      fail(program.error());
      return kRejected;
    }
    std::string chart;
    const auto simulation = simulator.run(**program, problem, chart);
    if (!simulation)
      return fail(simulation.error());
    good &= simulation->good();
    if (json)
      all.push_back(simulationJson(job.soc, *simulation));
    else
      fmt::print("\n{}\n{}{}", problem.text(),
                 simulationText(job.soc, *simulation, {width, options.report}), chart);
  }
  if (json)
    fmt::print("{}\n",
               nlohmann::ordered_json{{"point", nlohmann::ordered_json::parse(point.json())},
                                      {"simulator", sim::kVersion},
                                      {"runs", all}}
                   .dump(2));
  return good ? kSuccess : kRejected;
}

} // namespace

void addSimulate(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("simulate", "Run a point on the virtual Ascend: where its time goes");
  addJob(*command, options->job);
  addPoint(*command, options->point);
  command
      ->add_option("--problem", options->problem,
                   "\"s0=128,s1=8192\"; keys left out are those of the\njob's first problem; "
                   "without this option all problems\nof the job are simulated")
      ->option_text("PROBLEM");
  command->add_flag("--report", options->report, "also what every pipe does and waits for");
  command->add_flag("--functional", options->functional,
                    "also with data: the numbers against attention in\nfp64, and hazards");
  command->add_option("--seed", options->seed, "of the data; default 1")->option_text("N");
  command->add_flag("--hazards", options->hazards,
                    "also with the hazard checker, which needs no data");
  command->add_option("--trace", options->trace, "the run as Trace Event JSON, for ui.perfetto.dev")
      ->option_text("FILE");
  command
      ->add_option("--gantt", options->gantt,
                   "prologue, a steady period and epilogue as an SVG\npicture; -: as text on the "
                   "terminal")
      ->option_text("FILE");
  addFormat(*command, options->format);
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runSimulate(*options); }; });
}

} // namespace ptotune::cli
