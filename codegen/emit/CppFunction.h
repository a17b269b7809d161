// One function of the lowered IR as C++.
#pragma once

#include "codegen/emit/CppTypes.h"

#include <llvm/ADT/DenseMap.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Dialect/SCF/IR/SCF.h>

namespace ptotune::emit {

class CppFunction {
public:
  explicit CppFunction(const SocProfile& soc) : soc_(soc), types_(names_) {}

  // Appends the function to `out`.
  mlir::LogicalResult emit(mlir::func::FuncOp function, std::string& out);

private:
  // Structure: CppFunction.cpp.
  std::string signature(mlir::func::FuncOp function);
  mlir::LogicalResult emitBlock(mlir::Block& block);
  mlir::LogicalResult emitOp(mlir::Operation* op);
  mlir::LogicalResult emitLoop(mlir::scf::ForOp loop);
  mlir::LogicalResult emitStage(mlir::pto::StageOp stage);
  mlir::LogicalResult emitCall(mlir::func::CallOp call);
  std::string loopComment(mlir::scf::ForOp loop);

  // Values: CppValues.cpp.
  mlir::LogicalResult emitIndex(mlir::Operation* op);
  mlir::LogicalResult emitConstant(mlir::Operation* op);
  mlir::LogicalResult emitAlloc(mlir::Operation* op);
  mlir::LogicalResult emitSubview(mlir::pto::SubviewOp subview);
  mlir::LogicalResult emitReshape(mlir::pto::TReshapeOp reshape);
  mlir::LogicalResult emitWindow(mlir::pto::PartitionViewOp window);
  mlir::LogicalResult emitEntry(mlir::pto::DeclareGlobalOp entry);
  CppExpr expr(mlir::Value value);
  CppExpr arithmetic(mlir::Operation* op);
  std::string text(mlir::Value value) { return expr(value).text; }
  // Byte address of an allocated tile plus `offset` bytes.
  mlir::FailureOr<CppExpr> addressOf(mlir::Value tile, std::int64_t offset);

  // Instructions: CppInstrs.cpp.
  mlir::LogicalResult emitInstr(mlir::pto::PipeOpInterface op);
  mlir::LogicalResult emitPipe(mlir::pto::InitializeL2G2LPipeOp init);
  mlir::LogicalResult emitTransfer(mlir::pto::FifoOpInterface transfer);
  void emitPart(mlir::pto::FifoOpInterface transfer, const std::string& pipe);
  // `landing` stands for the planned address of a reserved buffer.
  mlir::LogicalResult bindLanding(mlir::Value landing, mlir::pto::ReserveBufferOp reserve);
  static mlir::pto::ReserveBufferOp reservedBy(mlir::pto::ImportReservedBufferOp import);
  mlir::LogicalResult emitSync(mlir::Operation* op);

  // The name that the operation's location asks for, or `otherwise`.
  static std::string wanted(mlir::Operation* op, llvm::StringRef otherwise);

  const SocProfile& soc_;
  CppNames names_;
  CppTypes types_;
  CppLines lines_;
  llvm::DenseMap<mlir::Value, CppExpr> values_;
  llvm::DenseMap<mlir::Value, std::string> typeNames_; // of pipes and slot entries
};

} // namespace ptotune::emit
