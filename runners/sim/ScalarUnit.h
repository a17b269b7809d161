// The scalar unit of one core: walks its code, in program order, through all loops. It knows which
// instruction is next and what its operands are, nothing of time. Copies walk on independently.
#pragma once

#include "runners/sim/Code.h"
#include "runners/sim/State.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace ptotune::sim {

class ScalarUnit {
public:
  enum class State : std::uint8_t {
    running,
    ended,   // behind the last instruction
    limit,   // the limit of instructions and iterations is used up
    badLoop, // the loop at position() has a bound without value, or a step below 1
  };

  ScalarUnit() = default;
  // `code` must outlive the unit.
  ScalarUnit(const Code& code, int core, const Arguments& arguments, std::int64_t limit)
      : code_(&code.of(core)), values_(code.exprs, code.variables, arguments), left_(limit) {}

  // The instruction to execute next, entering and leaving loops on the way; null unless running.
  const Step* fetch() {
    while (state_ == State::running) {
      if (position_ >= code_->steps.size()) {
        state_ = State::ended;
        break;
      }
      const Step& step = code_->steps[position_];
      if (step.kind > StepKind::loopEnd)
        return &step;
      if (left_-- <= 0)
        state_ = State::limit;
      else if (step.kind == StepKind::loopBegin)
        enter(step.index);
      else
        iterate();
    }
    return nullptr;
  }
  // Goes past the instruction that fetch() gave.
  void advance() {
    ++position_;
    if (left_-- <= 0)
      state_ = State::limit;
  }

  State state() const { return state_; }
  std::int32_t position() const { return static_cast<std::int32_t>(position_); }
  const Values& values() const { return values_; }
  // Iterations begun behind a first one, of all loops together.
  std::int64_t iterations() const { return iterations_; }
  // Instructions and iterations until the limit.
  std::int64_t left() const { return left_; }

  // Loops around the position, outermost first.
  struct Frame {
    std::int32_t loop;
    std::int64_t value;
    std::int64_t upper;
    std::int64_t step;
  };
  const std::vector<Frame>& frames() const { return frames_; }
  // The state with the loop variable at `level` taken modulo its loop's period, all others exact.
  void visit(StateVisitor auto& state, std::size_t level);
  // Brings variables and values up to date after the frames have been shifted.
  void rebind();
  // Lowers the limit, for a walk that only looks ahead.
  void limitTo(std::int64_t steps) { left_ = std::min(left_, steps); }
  // The loop that badLoop is about, with its bounds.
  std::string loopText() const;

private:
  void enter(std::int32_t index);
  void iterate();
  void bind(const LoopCode& loop, std::int64_t value) {
    values_.setVariable(loop.variable, value);
    values_.update(loop.updates);
  }

  const CoreCode* code_ = nullptr;
  Values values_;
  std::size_t position_ = 0;
  std::int64_t left_ = 0;
  State state_ = State::running;
  std::vector<Frame> frames_;
  std::int64_t iterations_ = 0;
};

void ScalarUnit::visit(StateVisitor auto& state, std::size_t level) {
  state.discrete(static_cast<std::int64_t>(state_));
  state.discrete(position());
  state.linear(left_, Role::count);
  state.discrete(static_cast<std::int64_t>(frames_.size()));
  for (std::size_t i = 0; i < frames_.size(); ++i) {
    Frame& frame = frames_[i];
    const std::int64_t period = code_->loops[static_cast<std::size_t>(frame.loop)].period;
    state.discrete(frame.loop);
    state.discrete(frame.upper);
    state.discrete(frame.step);
    state.discrete(i == level && period > 0 ? frame.value % period : frame.value);
    state.linear(frame.value, Role::count);
  }
}

} // namespace ptotune::sim
