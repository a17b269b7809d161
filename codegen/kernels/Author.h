// A kernel author's vocabulary on top of OpBuilder: named values, index arithmetic that folds,
// tiles in buffers, windows of tensors, loops with a meaning. Every named operation carries a
// NameLoc, from which the printers take their names.
#pragma once

#include "codegen/dialect/PtoDialect.h"

#include <llvm/ADT/DenseMap.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/IR/Builders.h>
#include <mlir/IR/OwningOpRef.h>

#include <cstdint>
#include <string>
#include <utility>

namespace ptotune::kernels {

// Names of attributes on the parameters of kernel functions.
inline constexpr llvm::StringLiteral kParameterNameAttr = "pto.name";

// `copies` equal tiles in one buffer.
struct Tiles {
  mlir::Value value; // !pto.multi_tile_buf, or !pto.tile_buf where there is one copy
  std::int64_t copies = 1;
};

struct Parameter {
  std::string name;
  mlir::Type type;
};

class Author {
public:
  explicit Author(mlir::OpBuilder& builder) : b(builder) {}

  mlir::OpBuilder& b;

  mlir::Location loc(llvm::StringRef name = "") const;

  // Opens a function; its body is where operations go until the next call.
  mlir::func::FuncOp function(mlir::ModuleOp module, llvm::StringRef name,
                              llvm::ArrayRef<Parameter> parameters);

  // An empty module for A2 and A3.
  mlir::OwningOpRef<mlir::ModuleOp> module();
  // The function of one kind of core.
  mlir::func::FuncOp kernel(mlir::ModuleOp module, mlir::pto::KernelKind kind, llvm::StringRef name,
                            llvm::ArrayRef<Parameter> parameters);
  // Ends the function that function() or kernel() opened last.
  void finish();

  // Types.
  mlir::Type f16() { return b.getF16Type(); }
  mlir::Type f32() { return b.getF32Type(); }
  mlir::Type pointer(mlir::Type element) { return mlir::pto::PtrType::get(element); }
  mlir::pto::TileBufType tileType(mlir::pto::AddressSpace space, std::int64_t rows,
                                  std::int64_t cols, mlir::Type element,
                                  mlir::pto::TileConfig config);
  mlir::pto::TileBufType vecType(std::int64_t rows, std::int64_t cols, mlir::Type element);
  mlir::pto::TileBufType columnType(std::int64_t rows); // one fp32 value a row, contiguous

  // Index arithmetic; operands are never negative. Constants stand once, at the function's start.
  mlir::Value index(std::int64_t value);
  mlir::Value number(double value, llvm::StringRef name = ""); // an f32
  mlir::Value add(mlir::Value lhs, mlir::Value rhs, llvm::StringRef name = "");
  mlir::Value sub(mlir::Value lhs, mlir::Value rhs, llvm::StringRef name = "");
  mlir::Value mul(mlir::Value lhs, std::int64_t rhs, llvm::StringRef name = "");
  mlir::Value div(mlir::Value lhs, std::int64_t rhs, llvm::StringRef name = "");
  mlir::Value rem(mlir::Value lhs, std::int64_t rhs, llvm::StringRef name = "");
  mlir::Value min(mlir::Value lhs, mlir::Value rhs, llvm::StringRef name = "");
  mlir::Value max(mlir::Value lhs, mlir::Value rhs, llvm::StringRef name = "");
  // One of the indices of the core, as an index.
  template <typename IndexOp> mlir::Value coreIndex(llvm::StringRef name) {
    const mlir::Value id = b.create<IndexOp>(loc(), b.getI64Type());
    return b.create<mlir::arith::IndexCastOp>(loc(name), b.getIndexType(), id);
  }

  // Tiles.
  Tiles tiles(llvm::StringRef name, llvm::StringRef buffer, mlir::pto::TileBufType type,
              std::int64_t copies = 1);
  mlir::Value tile(const Tiles& tiles, mlir::Value index, llvm::StringRef name = "");
  // Rows [row, row + rows) of a tile; the tile itself where that is all of it.
  mlir::Value rows(mlir::Value tile, std::int64_t row, std::int64_t rows, llvm::StringRef name);
  // Columns [col, col + cols) of a tile; the tile itself where that is all of it.
  mlir::Value cols(mlir::Value tile, std::int64_t col, std::int64_t cols, llvm::StringRef name);
  // A column of values as a single row, for elementwise operations.
  mlir::Value asRow(mlir::Value column, llvm::StringRef name);

  // Global memory. The same address as a pointer to other elements.
  mlir::Value bitcast(mlir::Value pointer, mlir::Type element, llvm::StringRef name = "");
  // A tensor [rows, cols] whose rows lie one after the other.
  mlir::Value rowMajor(llvm::StringRef name, mlir::Value pointer, mlir::Value rows,
                       std::int64_t cols);
  // A tensor [rows, cols] whose columns lie one after the other.
  mlir::Value columnMajor(llvm::StringRef name, mlir::Value pointer, std::int64_t rows,
                          mlir::Value cols);
  mlir::Value window(llvm::StringRef name, mlir::Value view, mlir::Value row, mlir::Value col,
                     std::int64_t rows, std::int64_t cols);
  void load(mlir::Value window, mlir::Value tile);
  void store(mlir::Value tile, mlir::Value window,
             mlir::pto::StPhase phase = mlir::pto::StPhase::unspecified);

  // Cube. The part of an L1 tile at (row, col) that `to`, in L0, has room for.
  void extract(mlir::Value from, mlir::Value row, mlir::Value col, mlir::Value to);
  // acc = left x right where `first`, acc += left x right otherwise.
  void matmul(mlir::Value left, mlir::Value right, mlir::Value acc, bool first,
              mlir::pto::AccPhase phase = mlir::pto::AccPhase::unspecified);

  // Tile operations; `out` is written.
  template <typename UnaryOp> void apply(mlir::Value in, mlir::Value out) {
    b.create<UnaryOp>(loc(), in, out);
  }
  template <typename BinaryOp> void apply(mlir::Value lhs, mlir::Value rhs, mlir::Value out) {
    b.create<BinaryOp>(loc(), lhs, rhs, out);
  }

  // Landmark: what follows works for `part` of `stage` of `tile`.
  void stage(llvm::StringRef name, mlir::Value tile = {}, std::optional<std::int64_t> part = {});

  // for (variable = lower; variable < upper; variable += step) body(variable)
  template <typename Body>
  void loop(llvm::StringRef name, llvm::StringRef variable, mlir::Value lower, mlir::Value upper,
            mlir::Value step, Body&& body) {
    auto op = b.create<mlir::scf::ForOp>(loc(name), lower, upper, step);
    op.getInductionVar().setLoc(loc(variable));
    const mlir::OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(op.getBody()->getTerminator());
    body(op.getInductionVar());
  }

private:
  template <typename IndexOp>
  mlir::Value arithmetic(mlir::Value lhs, mlir::Value rhs, llvm::StringRef name) {
    return b.create<IndexOp>(loc(name), lhs, rhs);
  }

  mlir::Block* entry_ = nullptr;
  llvm::DenseMap<std::int64_t, mlir::Value> constants_;
};

// Hands out the copies of a buffer in turn: use i of iteration t, with n uses an iteration, takes
// copy (t * n + i) % copies; a constant where n is a multiple of `copies`.
class Rotation {
public:
  Rotation(Author& author, mlir::Value iteration, std::int64_t usesPerIteration,
           std::int64_t copies)
      : author_(author), iteration_(iteration), uses_(usesPerIteration), copies_(copies) {}

  mlir::Value next();

private:
  Author& author_;
  mlir::Value iteration_;
  std::int64_t uses_;
  std::int64_t copies_;
  std::int64_t use_ = 0;
};

} // namespace ptotune::kernels
