// The arithmetic of tile instructions on the bytes of a run.
//
// Numbers
//   matmul   products of fp16 are exact in fp32; they are added to the fp32 accumulator one by one,
//            in the order of K. The order within a fractal is not documented.
//   vector   IEEE fp32, one rounding an operation; a result in fp16 is rounded from it. Infinities
//            and subnormals are kept, and a NaN stays one through TMAX and TROWMAX.
//   TROWSUM  folds a row into one repeat of lanes, then adds neighbours pair by pair
//   TCVT     rounds as the instruction says; a store that narrows rounds ties to even
//   TTRI     1 from column row + diagonal on, 0 before it; the diagonal may be negative
//   scratch  is NaN afterwards
#pragma once

#include "runners/sim/data/Operands.h"
#include "runners/sim/data/Storage.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ptotune::sim {

class Datapath {
public:
  // `fractal` as in Layout.h; `repeatBytes`: what one repeat of a vector instruction covers.
  Datapath(Storage& storage, std::int64_t fractal, std::int64_t repeatBytes)
      : storage_(storage), fractal_(fractal), repeatBytes_(repeatBytes) {}

  // What the operation will write, row by row, from what its operands hold now.
  std::vector<float> compute(const Operation& op) const;
  // Writes it.
  void commit(const Operation& op, const std::vector<float>& values);

  // Why an instruction has no numbers: operands that are missing or do not fit together; "" where
  // it has.
  static std::string objection(const program::Instr& instr);

private:
  std::vector<float> load(const TileAt& at, const Part& part) const;
  std::vector<float> load(const TileAt& at) const;
  std::vector<float> load(const ViewAt& at) const;
  void store(const TileAt& at, const std::vector<float>& values, program::Rounding rounding);
  std::vector<float> multiply(const Operation& op) const;
  std::vector<float> reduceRows(const Operation& op) const;
  static std::vector<float> triangle(const Operation& op);
  float sumOfRow(const float* row, std::size_t count, std::size_t lanes) const;

  Storage& storage_;
  std::int64_t fractal_;
  std::int64_t repeatBytes_;
};

} // namespace ptotune::sim
