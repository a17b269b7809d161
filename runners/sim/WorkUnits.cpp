#include "runners/sim/WorkUnits.h"

#include "runners/sim/Expression.h"

#include <algorithm>
#include <array>

namespace ptotune::sim {

namespace {

// Whether the slot's value changes with the loop's variable.
bool changesWith(const LoopCode& loop, std::int32_t slot) {
  return std::ranges::binary_search(loop.updates, slot, {}, &Values::slot);
}

bool changesWith(const LoopCode& loop, const LoopCode& inner) {
  return changesWith(loop, inner.lower) || changesWith(loop, inner.upper) ||
         changesWith(loop, inner.step);
}

// Cycles by pipe.
using Work = std::array<std::int64_t, kPipeCount>;

void add(Work& work, const Work& other, std::int64_t times = 1) {
  for (std::size_t pipe = 0; pipe < kPipeCount; ++pipe)
    work[pipe] += times * other[pipe];
}

// Adds up what one core's program keeps its pipes busy with.
class Counter {
public:
  Counter(const CoreCode& core, const Code& code, const Arguments& arguments)
      : core_(core), values_(code.exprs, code.variables, arguments) {}

  Work count() { return count(0, static_cast<std::int32_t>(core_.steps.size()), 0); }

private:
  // Of steps [begin, end). Within the loop over blocks, a loop's first trip stands for all.
  Work count(std::int32_t begin, std::int32_t end, int depth) {
    Work work{};
    for (std::int32_t at = begin; at < end; ++at) {
      const Step& step = core_.steps[static_cast<std::size_t>(at)];
      if (step.kind != StepKind::loopBegin) {
        work[static_cast<std::size_t>(step.pipe)] +=
            core_.notes[static_cast<std::size_t>(at)].cycles;
        continue;
      }
      const LoopCode& loop = core_.loops[static_cast<std::size_t>(step.index)];
      add(work, countLoop(loop, depth));
      at = loop.behind - 1;
    }
    return work;
  }

  Work countLoop(const LoopCode& loop, int depth) {
    Work work{};
    const std::int64_t lower = values_[loop.lower];
    const std::int64_t upper = values_[loop.upper];
    const std::int64_t step = values_[loop.step];
    if (lower == kUndefined || upper == kUndefined || step < 1 || lower >= upper)
      return work;
    if (depth > 0) {
      add(work, countTrip(loop, lower, depth), (upper - lower + step - 1) / step);
      return work;
    }
    for (std::int64_t value = lower; value < upper; value += step)
      add(work, countTrip(loop, value, depth));
    return work;
  }

  Work countTrip(const LoopCode& loop, std::int64_t value, int depth) {
    values_.setVariable(loop.variable, value);
    values_.update(loop.updates);
    return count(loop.body, loop.behind - 1, depth + 1);
  }

  const CoreCode& core_;
  Values values_;
};

} // namespace

bool hasUnevenBlocks(const Code& code) {
  for (const CoreCode& core : code.cores)
    for (const LoopCode& loop : core.loops) {
      const program::Expr* lower =
          loop.lower == Values::kNoSlot
              ? nullptr
              : &code.exprs[static_cast<std::size_t>(loop.lower - Values::slot(0))];
      if (lower == nullptr || lower->kind != program::ExprKind::blockIdx)
        continue;
      for (const LoopCode& inner : core.loops)
        if (inner.body > loop.body && inner.body < loop.behind && changesWith(loop, inner))
          return true;
    }
  return false;
}

std::int64_t busiestCore(const Code& code, const Problem& problem) {
  if (!code.uneven)
    return 0;
  const std::int64_t active = activeCores(code, problem);
  std::int64_t busiest = 0;
  std::int64_t most = -1;
  for (std::int64_t core = 0; core < active; ++core) {
    std::int64_t cycles = 0;
    for (const CoreCode& body : code.cores) {
      const Arguments arguments{problem.s0, problem.s1, core, active, 0};
      cycles = std::max(cycles, std::ranges::max(Counter(body, code, arguments).count()));
    }
    if (cycles > most) {
      most = cycles;
      busiest = core;
    }
  }
  return busiest;
}

} // namespace ptotune::sim
