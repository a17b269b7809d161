// Layout of a tile: how its elements lie in their memory.
#pragma once

#include <llvm/ADT/Hashing.h>
#include <llvm/ADT/StringExtras.h>
#include <mlir/IR/OpImplementation.h>

#include <cstdint>
#include <optional>

// clang-format off: generated code follows what it needs.
#include "codegen/dialect/PtoEnums.h.inc"
// clang-format on

namespace mlir::pto {

// blayout orders boxes (or elements, where there are none), slayout the elements inside a box, and
// `fractal` is the bytes of a box.
struct TileConfig {
  BLayout blayout = BLayout::row_major;
  SLayout slayout = SLayout::none_box;
  int64_t fractal = 512;
  PadValue pad = PadValue::null;
  CompactMode compact = CompactMode::null;

  // NZ in L1: the A operand, and a B operand that is loaded untransposed.
  static TileConfig nz() { return {BLayout::col_major, SLayout::row_major}; }
  // ZN in L1: the transposed B operand, loaded from a DN view.
  static TileConfig zn() { return {BLayout::row_major, SLayout::col_major}; }
  static TileConfig left() { return {BLayout::row_major, SLayout::row_major}; }
  static TileConfig right() { return {BLayout::row_major, SLayout::col_major}; }
  static TileConfig acc() { return {BLayout::col_major, SLayout::row_major, 1024}; }
  // Rows one after the other: what vector operations work on.
  static TileConfig rows() { return {}; }
  // One value per row, contiguous: the result of a row reduction.
  static TileConfig column() { return {BLayout::col_major}; }

  bool operator==(const TileConfig&) const = default;
};

inline llvm::hash_code hash_value(const TileConfig& config) {
  return llvm::hash_combine(config.blayout, config.slayout, config.fractal, config.pad,
                            config.compact);
}

} // namespace mlir::pto
