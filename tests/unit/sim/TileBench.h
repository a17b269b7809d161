// Tiles with numbers in them, to try single instructions on.
#pragma once

#include "runners/sim/data/Datapath.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>

namespace ptotune::sim {

// One AIV with a UB, and one instruction at a time. Tiles are laid out one after the other.
class TileBench {
public:
  static constexpr std::int64_t kBytes = 1 << 18;
  static constexpr std::int64_t kFractal = 16;
  static constexpr std::int64_t kRepeatBytes = 256;

  explicit TileBench(std::int64_t repeatBytes = kRepeatBytes)
      : storage_(Spaces(program(), Problem())), datapath_(storage_, kFractal, repeatBytes) {}

  // A tile of its own. leadingDim 0: as wide as it must be.
  program::TileRef tile(int rows, int cols, program::DType dtype = program::DType::f32,
                        program::Layout layout = program::Layout::rowMajor, int leadingDim = 0) {
    const bool byColumn = layout == program::Layout::colMajor || layout == program::Layout::nz;
    const int least = byColumn ? rows : cols;
    program::TileRef ref{0,     -1,    next_, rows, cols, leadingDim == 0 ? least : leadingDim,
                         dtype, layout};
    const std::int64_t lines = byColumn ? cols : rows;
    next_ += (lines + kFractal) * ref.leadingDim * 4 + 64;
    return ref;
  }
  void fill(const program::TileRef& tile, const std::function<float(int, int)>& value) {
    for (int r = 0; r < tile.rows; ++r)
      for (int c = 0; c < tile.cols; ++c)
        storage_.store(space(), address(tile, r, c), tile.dtype, value(r, c));
  }
  float at(const program::TileRef& tile, int r, int c) const {
    return storage_.load(space(), address(tile, r, c), tile.dtype);
  }
  // Any element of UB, as fp32.
  float raw(std::int64_t address) const {
    return storage_.load(space(), address, program::DType::f32);
  }

  void run(const program::Instr& instr) {
    ASSERT_EQ(Datapath::objection(instr), "");
    Operation op;
    op.instr = &instr;
    op.dst = place(instr.dst);
    for (std::size_t i = 0; i < op.src.size(); ++i)
      op.src[i] = place(instr.src[i]);
    op.scratch = place(instr.scratch);
    op.row = row;
    op.col = col;
    datapath_.commit(op, datapath_.compute(op));
  }
  std::int64_t row = 0, col = 0; // of a TEXTRACT; diagonal of a TTRI, 0

private:
  static const program::Program& program() {
    static const program::Program one = [] {
      program::Program p;
      p.buffers.push_back({"ub", Memory::ub, 0, kBytes, kBytes, 1});
      return p;
    }();
    return one;
  }
  static std::int32_t space() { return Spaces::local(1, Memory::ub); }
  static std::int64_t address(const program::TileRef& tile, int r, int c) {
    return tile.byteOffset + elementOf(tile, kFractal, r, c) * program::bytesOf(tile.dtype);
  }
  static TileAt place(const program::TileRef& tile) {
    return tile.buffer < 0 ? TileAt{} : TileAt{&tile, space(), 0, tile.byteOffset};
  }

  std::int64_t next_ = 0;
  Storage storage_;
  Datapath datapath_;
};

} // namespace ptotune::sim
