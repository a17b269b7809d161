#include "tuner/diff/Breakdown.h"

#include "codegen/Lowering.h"
#include "runners/sim/Events.h"
#include "runners/sim/Time.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <variant>

namespace ptotune {
namespace {

// Instructions in listing order, as Executed::instr counts them.
void list(const program::Body& body, std::vector<const program::Instr*>& instrs) {
  for (const program::Node& node : body) {
    if (const auto* instr = std::get_if<program::Instr>(&node))
      instrs.push_back(instr);
    else
      list(std::get<std::unique_ptr<program::Loop>>(node)->body, instrs);
  }
}

constexpr int kWatchedCores = 2; // the AIC and its first AIV
using Stages = std::array<std::vector<StageTime>, kWatchedCores>;

// Adds up what stages do, and keeps nothing else, so that long runs need no memory.
class StageClock : public sim::Listener {
public:
  StageClock(const program::Program& program, double clockHz, Stages& stages)
      : clockHz_(clockHz), stages_(stages) {
    addStages(0, program.cube);
    addStages(1, program.vector);
  }

  void on(const sim::FinishedEvent& event) override {
    if (StageTime* stage = stageOf(event.what))
      stage->busySeconds[static_cast<std::size_t>(event.what.pipe)] +=
          seconds(event.end - event.start);
  }
  void on(const sim::StallEvent& event) override {
    if (event.reason == sim::StallReason::issue)
      return;
    if (StageTime* stage = stageOf(event.what))
      stage->waitSeconds += seconds(event.to - event.from);
  }

private:
  double seconds(sim::Tick ticks) const { return sim::toCycles(ticks) / clockHz_; }

  void addStages(int core, const program::Body& body) {
    std::vector<const program::Instr*> instrs;
    list(body, instrs);
    auto& places = places_[static_cast<std::size_t>(core)];
    auto& stages = stages_[static_cast<std::size_t>(core)];
    for (const program::Instr* instr : instrs) {
      auto found = std::ranges::find(stages, instr->stage, &StageTime::stage);
      if (found == stages.end() && !instr->stage.empty())
        found = stages.insert(stages.end(), {.core = core, .stage = instr->stage});
      places.push_back(found == stages.end() ? kNowhere
                                             : static_cast<std::size_t>(found - stages.begin()));
    }
  }

  StageTime* stageOf(const sim::Executed& what) {
    if (what.core >= kWatchedCores)
      return nullptr;
    const auto core = static_cast<std::size_t>(what.core);
    const std::size_t place = places_[core][static_cast<std::size_t>(what.instr)];
    return place == kNowhere ? nullptr : &stages_[core][place];
  }

  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  double clockHz_;
  Stages& stages_;
  std::array<std::vector<std::size_t>, kWatchedCores> places_; // in stages_, by instruction
};

void add(const sim::TimeParts& launch, sim::TimeParts& all) {
  all.launch += launch.launch;
  all.fill += launch.fill;
  all.steady += launch.steady;
  all.waiting += launch.waiting;
  all.drain += launch.drain;
}

} // namespace

double StageTime::busy() const {
  return std::accumulate(busySeconds.begin(), busySeconds.end(), 0.0);
}

Result<Breakdown> breakdownOf(const Job& job, const Problem& problem, const Point& point) {
  const auto kernel = lower(KernelSpec::of(problem), point, job.soc, Emit::program);
  if (!kernel)
    return kernel.error();
  Breakdown all;
  Stages stages;
  for (const program::Program* program = &kernel->program; program != nullptr;
       program = program->next.get()) {
    const auto code = sim::compile(*program, job.soc);
    if (!code)
      return code.error();
    StageClock clock(*program, job.soc.clockHz, stages);
    const sim::SimResult run = sim::simulateLaunch(**code, problem, {}, &clock);
    if (run.outcome != sim::Outcome::finished)
      return Error{.message = std::string(sim::name(run.outcome)) + ": " + run.detailText(),
                   .key = "--point",
                   .value = point.text(),
                   .advice = "'pto-tune check --explain' tells why"};
    if (program == &kernel->program)
      all.parts = run.parts;
    else
      add(run.parts, all.parts);
    all.seconds += run.seconds;
  }
  for (std::vector<StageTime>& ofCore : stages)
    all.stages.insert(all.stages.end(), ofCore.begin(), ofCore.end());
  all.bound = timeBound(problem, job.soc, point);
  return all;
}

} // namespace ptotune
