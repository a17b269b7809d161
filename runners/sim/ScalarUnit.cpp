#include "runners/sim/ScalarUnit.h"

#include <fmt/format.h>

namespace ptotune::sim {

void ScalarUnit::enter(std::int32_t index) {
  const LoopCode& loop = code_->loops[static_cast<std::size_t>(index)];
  const Frame frame{index, values_[loop.lower], values_[loop.upper], values_[loop.step]};
  if (frame.value == kUndefined || frame.upper == kUndefined || frame.step < 1) {
    state_ = State::badLoop;
    return;
  }
  if (frame.value >= frame.upper) {
    position_ = static_cast<std::size_t>(loop.behind);
    return;
  }
  bind(loop, frame.value);
  frames_.push_back(frame);
  position_ = static_cast<std::size_t>(loop.body);
}

void ScalarUnit::iterate() {
  Frame& frame = frames_.back();
  const LoopCode& loop = code_->loops[static_cast<std::size_t>(frame.loop)];
  // upper > value here; their distance fits 64 bits without sign, where value + step might
  // overflow.
  const auto distance =
      static_cast<std::uint64_t>(frame.upper) - static_cast<std::uint64_t>(frame.value);
  if (distance <= static_cast<std::uint64_t>(frame.step)) {
    position_ = static_cast<std::size_t>(loop.behind);
    frames_.pop_back();
    return;
  }
  ++iterations_;
  frame.value += frame.step;
  bind(loop, frame.value);
  position_ = static_cast<std::size_t>(loop.body);
}

void ScalarUnit::rebind() {
  for (const Frame& frame : frames_)
    bind(code_->loops[static_cast<std::size_t>(frame.loop)], frame.value);
}

std::string ScalarUnit::loopText() const {
  const Step& step = code_->steps[position_];
  const LoopCode& loop = code_->loops[static_cast<std::size_t>(step.index)];
  const auto text = [this](std::int32_t slot) {
    return values_[slot] == kUndefined ? std::string("undefined") : std::to_string(values_[slot]);
  };
  return fmt::format("loop '{}' from {} to {} by {}", loop.name, text(loop.lower), text(loop.upper),
                     text(loop.step));
}

} // namespace ptotune::sim
