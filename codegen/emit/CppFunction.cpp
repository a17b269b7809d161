#include "codegen/emit/CppFunction.h"

#include "codegen/kernels/Author.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/TypeSwitch.h>
#include <mlir/Dialect/Arith/IR/Arith.h>

namespace ptotune::emit {

using namespace mlir;
using namespace mlir::pto;

namespace {
constexpr std::size_t kLineWidth = 100;
} // namespace

std::string CppFunction::wanted(Operation* op, llvm::StringRef otherwise) {
  auto name = op->getLoc()->findInstanceOf<NameLoc>();
  return name ? name.getName().str() : otherwise.str();
}

std::string CppFunction::signature(func::FuncOp function) {
  const bool isEntry = function->hasAttr(kEntryAttr);
  std::string head =
      fmt::format("{} void {}(", isEntry ? "extern \"C\" __global__ AICORE" : "AICORE",
                  function.getName().str());
  const std::string indent(head.size(), ' ');
  std::size_t lineStart = 0;
  for (BlockArgument argument : function.getArguments()) {
    const auto given =
        function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), kernels::kParameterNameAttr);
    const std::string name = names_.take(given ? given.getValue() : "arg");
    values_[argument] = {name, CppExpr::atom};
    const std::string parameter = parameterType(argument.getType()) + " " + name;
    if (argument.getArgNumber() > 0)
      head += ", ";
    if (head.size() + parameter.size() - lineStart > kLineWidth) {
      head.back() = '\n';
      lineStart = head.size();
      head += indent;
    }
    head += parameter;
  }
  return head + ")";
}

LogicalResult CppFunction::emit(func::FuncOp function, std::string& out) {
  const std::string head = signature(function);
  const std::optional<KernelKind> kind = kernelKind(function);
  lines_.indent();
  if (kind == KernelKind::vector) {
    lines_.line("set_mask_norm();");
    lines_.line("set_vector_mask(-1, -1);");
    lines_.gap();
  }
  if (failed(emitBlock(function.getBody().front())))
    return failure();

  out += "\n" + head + "\n{\n";
  if (kind)
    out += kind == KernelKind::cube ? "#if defined(__DAV_CUBE__)\n" : "#if defined(__DAV_VEC__)\n";
  for (const std::string& line : types_.lines())
    out += "    " + line + "\n";
  if (!types_.lines().empty())
    out += "\n";
  out += lines_.text();
  if (kind)
    out += "#endif\n";
  out += "}\n";
  return success();
}

LogicalResult CppFunction::emitBlock(Block& block) {
  for (Operation& op : block)
    if (failed(emitOp(&op)))
      return failure();
  return success();
}

LogicalResult CppFunction::emitOp(Operation* op) {
  return llvm::TypeSwitch<Operation*, LogicalResult>(op)
      .Case<arith::ConstantOp>([&](auto) { return emitConstant(op); })
      .Case<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::DivUIOp, arith::DivSIOp,
            arith::RemUIOp, arith::RemSIOp, arith::MinUIOp, arith::MinSIOp, arith::MaxUIOp,
            arith::MaxSIOp, arith::IndexCastOp, GetBlockIdxOp, GetBlockNumOp, GetSubblockIdxOp,
            GetSubblockNumOp, AddPtrOp, CastPtrOp>([&](auto) { return emitIndex(op); })
      .Case<AllocTileOp, AllocMultiTileOp>([&](auto) { return emitAlloc(op); })
      .Case<SubviewOp>([&](SubviewOp subview) { return emitSubview(subview); })
      .Case<TReshapeOp>([&](TReshapeOp reshape) { return emitReshape(reshape); })
      .Case<PartitionViewOp>([&](PartitionViewOp window) { return emitWindow(window); })
      // Said where they are used.
      .Case<MakeTensorViewOp, MultiTileGetOp, func::ReturnOp, scf::YieldOp>(
          [](auto) { return success(); })
      .Case<DeclareGlobalOp>([&](DeclareGlobalOp entry) { return emitEntry(entry); })
      .Case<StageOp>([&](StageOp stage) { return emitStage(stage); })
      .Case<scf::ForOp>([&](scf::ForOp loop) { return emitLoop(loop); })
      .Case<func::CallOp>([&](func::CallOp call) { return emitCall(call); })
      .Case<SetFftsOp>([&](SetFftsOp ffts) {
        lines_.line("set_ffts_base_addr((uint64_t){});", text(ffts.getFfts()));
        return success();
      })
      .Case<ReserveBufferOp>(
          [&](ReserveBufferOp reserve) { return bindLanding(reserve.getResult(), reserve); })
      .Case<ImportReservedBufferOp>([&](ImportReservedBufferOp import) {
        return bindLanding(import.getResult(), reservedBy(import));
      })
      .Case<InitializeL2G2LPipeOp>([&](InitializeL2G2LPipeOp init) { return emitPipe(init); })
      .Case<SetFlagOp, WaitFlagOp, SetFlagDynOp, WaitFlagDynOp, BarrierOp>(
          [&](auto) { return emitSync(op); })
      .Case<FifoOpInterface>([&](FifoOpInterface transfer) { return emitTransfer(transfer); })
      .Case<PipeOpInterface>([&](PipeOpInterface instr) { return emitInstr(instr); })
      .Default([](Operation* other) {
        return other->emitError() << "'" << other->getName() << "' has no C++ form";
      });
}

// "steady: QK(t + pre) and PV(t)", from the stages of the body.
std::string CppFunction::loopComment(scf::ForOp loop) {
  llvm::SmallVector<std::string> stages;
  for (Operation& op : *loop.getBody()) {
    auto stage = dyn_cast<StageOp>(op);
    if (!stage || !stage.getTile())
      continue;
    std::string entry = fmt::format("{}({})", stage.getStage().str(), text(stage.getTile()));
    if (!llvm::is_contained(stages, entry))
      stages.push_back(std::move(entry));
  }
  return wanted(loop, "loop") + (stages.empty() ? "" : ": ") + llvm::join(stages, " and ");
}

LogicalResult CppFunction::emitLoop(scf::ForOp loop) {
  const auto variable = loop.getInductionVar();
  auto given = variable.getLoc()->findInstanceOf<NameLoc>();
  const std::string lower = text(loop.getLowerBound());
  const std::string upper = expr(loop.getUpperBound()).operand(CppExpr::sum);
  const std::optional<std::int64_t> step = constantOf(loop.getStep());
  names_.enter();
  const std::string name = names_.take(given ? given.getName().getValue() : "i");
  values_[variable] = {name, CppExpr::atom};
  lines_.gap();
  lines_.line("// {}", loopComment(loop));
  const std::string advance =
      step == 1 ? "++" + name : fmt::format("{} += {}", name, text(loop.getStep()));
  lines_.line("for (int64_t {0} = {1}; {0} < {2}; {3}) {{", name, lower, upper, advance);
  lines_.indent();
  if (failed(emitBlock(*loop.getBody())))
    return failure();
  lines_.outdent();
  lines_.line("}}");
  names_.leave();
  return success();
}

LogicalResult CppFunction::emitStage(StageOp stage) {
  lines_.gap();
  std::string comment = stage.getStage().str();
  if (stage.getTile())
    comment += fmt::format("({})", text(stage.getTile()));
  if (stage.getPart())
    comment += fmt::format(", part {}", *stage.getPart());
  lines_.line("// {}", comment);
  return success();
}

LogicalResult CppFunction::emitCall(func::CallOp call) {
  llvm::SmallVector<std::string> arguments;
  for (const Value argument : call.getOperands())
    arguments.push_back(text(argument));
  lines_.line("{}({});", call.getCallee().str(), llvm::join(arguments, ", "));
  return success();
}

} // namespace ptotune::emit
