// Tiles and views of the IR as references of a program.
#pragma once

#include "codegen/dialect/PtoDialect.h"
#include "codegen/emit/ProgramExprs.h"

#include <llvm/ADT/StringMap.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>

namespace ptotune::emit {

class ProgramTiles {
public:
  ProgramTiles(program::Program& program, ProgramExprs& exprs) : program_(program), exprs_(exprs) {}

  // Enters the function's allocations into Program::buffers.
  mlir::LogicalResult addBuffers(mlir::func::FuncOp function);

  // Says which tensor a pointer parameter is, and which FIFO an entry belongs to.
  void bindTensor(mlir::Value pointer, program::Tensor tensor) { tensors_[pointer] = tensor; }
  void bindEntry(mlir::Value entry, std::int32_t fifo) { entries_[entry] = fifo; }

  mlir::FailureOr<program::TileRef> tile(mlir::Value tile);
  mlir::FailureOr<program::ViewRef> view(mlir::Value window);

private:
  mlir::LogicalResult addTensor(mlir::pto::MakeTensorViewOp view, program::Tensor tensor);

  program::Program& program_;
  ProgramExprs& exprs_;
  llvm::DenseMap<mlir::Value, std::int32_t> buffers_; // by result of the allocation
  llvm::StringMap<std::int64_t> byName_; // stride of the first allocation that names the buffer
  std::map<std::pair<std::string, std::int64_t>, std::int32_t> byTiling_; // by name and stride
  llvm::DenseMap<mlir::Value, program::Tensor> tensors_;
  llvm::DenseMap<mlir::Value, std::int32_t> entries_;
};

// Element type; only fp16 and fp32 occur in verified tile operations.
program::DType dtypeOf(mlir::Type element);

} // namespace ptotune::emit
