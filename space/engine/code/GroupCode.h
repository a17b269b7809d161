// The conditions of one group as straight-line code, level by level.
#pragma once

#include "space/engine/code/Lanes.h"
#include "space/engine/code/Lowering.h"

#include <cstdint>
#include <span>

namespace ptotune::engine {

// Vocabulary: a group's variables are numbered by *level*, in the order of the tree. The levels
// before `blockLevel` are *outer*: their variables have one value at a time. The variables from
// there on form the *block*: every combination of their values is a lane. Code whose variables are
// all outer runs once for each value of its deepest variable; code of block variables alone runs
// once ever; the rest runs over all lanes for every assignment of the outer variables.
class GroupCode {
public:
  GroupCode(const Lowered& lowered, std::span<const std::uint32_t> variables,
            std::span<const Condition> conditions, std::size_t blockLevel);
  GroupCode(const GroupCode&) = delete;
  GroupCode& operator=(const GroupCode&) = delete;

  // Sets the variable of an outer level and runs the code of that level. False when a condition
  // that is decided here does not hold.
  bool assign(std::size_t level, Cell cell);
  // The lanes for which all conditions of the block hold, given the outer variables.
  void block(std::uint64_t* words);

  std::size_t lanes() const { return lanes_; }
  // The value of a block variable in every lane.
  std::span<const Cell> laneCells(std::size_t level) const {
    return {laneCells_.data() + (level - blockLevel_) * padded_, lanes_};
  }
  // What code at `level` and deeper reads of the levels before: equal cells mean equal results.
  std::span<const std::uint32_t> liveAt(std::size_t level) const { return live_[level]; }
  Cell live(std::uint32_t number) const { return scalars_[number]; }

private:
  using Register = std::uint32_t;
  static constexpr Register kNone = ~Register{0};
  static constexpr std::int32_t kConstant = -1;
  enum class Kind : std::uint8_t { scalar, hoisted, lane };
  struct Place {
    Kind kind = Kind::scalar;
    std::int32_t level = kConstant; // of a scalar
    std::uint32_t slot = 0;         // in scalars_ or in the lane buffers
  };
  struct ScalarOp {
    StepOp op = StepOp::add;
    std::uint32_t a = 0; // in scalars_
    std::uint32_t b = 0;
    std::uint32_t c = 0;
    std::uint32_t out = 0;
  };
  struct WideOp {
    StepOp op = StepOp::add;
    Register a = kNone;
    Register b = kNone;
    Register c = kNone;
    Register out = kNone;
  };
  struct Level {
    std::uint32_t variable = 0; // slot in scalars_
    Scratch<ScalarOp> ops;
    Scratch<std::uint32_t> checks; // slots in scalars_
  };

  void declare(const Lowered& lowered, std::span<const std::uint32_t> variables);
  void translate(const Lowered& lowered, std::span<const Condition> conditions);
  Register translate(const Steps& steps, const Step& step);
  Register nary(const Steps& steps, const Step& step);
  Register combine(StepOp op, Register left, bool& leftNegative, Register right,
                   bool rightNegative);
  Register constant(Cell cell);
  Register emit(StepOp op, Register a, Register b, Register c);
  Register newScalar(std::int32_t level, Cell cell);
  Register newWide(Kind kind);
  void require(Register root);
  LaneOp bind(const WideOp& op);
  void findLive();
  void finish();

  std::size_t blockLevel_;
  std::size_t lanes_ = 1;
  std::size_t padded_ = 1;
  Scratch<Level> levels_;
  Scratch<Place> places_; // by register
  Scratch<Register> ofStep_;
  Scratch<Register> ofVariable_;
  Scratch<Cell> scalars_;
  Scratch<Cell> wide_; // lane buffers, one after the other
  std::uint32_t wideCount_ = 0;
  Scratch<Cell> laneCells_;
  Scratch<WideOp> hoistedOps_;
  Scratch<WideOp> wideOps_;
  Scratch<LaneOp> laneOps_;
  Register root_ = kNone; // of all conditions that the block decides
  Scratch<Scratch<std::uint32_t>> live_;
  Scratch<std::uint64_t> hoistedWords_;
};

} // namespace ptotune::engine
