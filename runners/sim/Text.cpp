// How cores, instructions and flags are called in hangs and errors.
#include "runners/sim/Machine.h"
#include "runners/sim/Simulator.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ptotune::sim {

std::string_view coreName(int core) {
  constexpr std::array<std::string_view, kCoreCount> names = {"AIC", "AIV0", "AIV1"};
  return names[static_cast<std::size_t>(core)];
}

std::string_view name(StallReason reason) {
  constexpr std::array<std::string_view, kStallReasonCount> names = {
      "issue", "event flag", "unit flag", "data", "credit", "drain"};
  return names[static_cast<std::size_t>(reason)];
}

std::string_view name(Outcome outcome) {
  constexpr std::array<std::string_view, 5> names = {"finished", "hang", "protocol error",
                                                     "invalid", "limit"};
  return names[static_cast<std::size_t>(outcome)];
}

std::string SimResult::detailText() const {
  return fmt::format("{}", fmt::join(detail, "\n"));
}

namespace {

std::string accumulatorText(const CoreCode& code, std::int32_t index) {
  for (const AccumulatorName& acc : code.accumulators)
    if (index >= acc.first && index < acc.first + acc.copies)
      return fmt::format("{}[{}]", acc.buffer, index - acc.first);
  return "?";
}

std::string instrText(const Code& code, const CoreCode& core, std::int32_t at,
                      std::int32_t operand) {
  const Step& step = core.steps[static_cast<std::size_t>(at)];
  const auto fifo = [&] { return code.fifos[static_cast<std::size_t>(step.index)].name; };
  const auto flag = [&](const char* call) {
    const FlagPair& pair = core.pairs[static_cast<std::size_t>(step.index / code.eventIds)];
    return fmt::format("{}({}, {}, {})", call, name(pair.source), name(pair.target),
                       operand < 0 ? "?" : std::to_string(operand - step.index));
  };
  switch (step.kind) {
  case StepKind::loopBegin:
  case StepKind::loopEnd:
    return fmt::format("loop '{}'", core.loops[static_cast<std::size_t>(step.index)].name);
  case StepKind::op:
    return name(core.notes[static_cast<std::size_t>(at)].op);
  case StepKind::matmul:
  case StepKind::store:
    return fmt::format("{}({})", name(core.notes[static_cast<std::size_t>(at)].op),
                       operand < 0 ? "?" : accumulatorText(core, operand));
  case StepKind::setFlag:
    return flag("SET_FLAG");
  case StepKind::waitFlag:
    return flag("WAIT_FLAG");
  case StepKind::barrier:
    return fmt::format("PIPE_BARRIER({})", name(step.pipe));
  case StepKind::open:
    return fmt::format("TPipe {}, opened", fifo());
  case StepKind::close:
    return fmt::format("TPipe {}, closed", fifo());
  case StepKind::talloc:
    return fmt::format("TALLOC({})", fifo());
  case StepKind::tpush:
    return fmt::format("TPUSH({})", fifo());
  case StepKind::tpop:
    return fmt::format("TPOP({})", fifo());
  case StepKind::tfree:
    return fmt::format("TFREE({})", fifo());
  }
  return "";
}

} // namespace

std::string describe(const Code& code, int core, std::int32_t step, std::int64_t tile,
                     std::int32_t operand) {
  const CoreCode& body = code.of(core);
  const auto stage = static_cast<std::size_t>(body.notes[static_cast<std::size_t>(step)].stage);
  std::string text = code.stages.empty() ? std::string() : code.stages[stage];
  if (tile != kUndefined)
    text += fmt::format("{}tile {}", text.empty() ? "" : " ", tile);
  if (!text.empty())
    text += ": ";
  return text + instrText(code, body, step, operand);
}

std::string flagText(const Machine& machine, int core, const Wait& wait) {
  const Code& code = *machine.code;
  const CoreCode& body = code.of(core);
  switch (wait.what) {
  case WaitFor::nothing:
    break;
  case WaitFor::eventFlag: {
    const FlagPair& pair = body.pairs[static_cast<std::size_t>(wait.index / code.eventIds)];
    return fmt::format("event flag {} -> {}, {}", name(pair.source), name(pair.target),
                       wait.index % code.eventIds);
  }
  case WaitFor::unitFull:
    return fmt::format("the result in {} (unit flag)", accumulatorText(body, wait.index));
  case WaitFor::unitFree:
    return fmt::format("the store of {} (unit flag)", accumulatorText(body, wait.index));
  case WaitFor::ffts:
    return fmt::format("FFTS flag {} ({})", wait.index,
                       code.fftsNames[static_cast<std::size_t>(wait.index)]);
  }
  return "nothing";
}

} // namespace ptotune::sim
