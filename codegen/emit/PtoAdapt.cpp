// From this dialect to what a version of the upstream assembler reads.
#include "codegen/dialect/PtoDialect.h"
#include "codegen/dialect/verify/Fifo.h"
#include "codegen/emit/PtoStorage.h"
#include "codegen/emit/PtoText.h"
#include "codegen/kernels/Author.h"

#include <fmt/format.h>
#include <mlir/IR/Builders.h>

namespace ptotune::emit {

using namespace mlir;
using namespace mlir::pto;

namespace {

// Attributes of FIFO operations that upstream's assembler has no word for; it would read them in a
// second dictionary and ignore them. With the default value they say nothing.
struct OwnAttribute {
  StringRef name;
  std::int64_t defaultValue;
};
constexpr OwnAttribute kOwnAttributes[] = {{"entry_offset", 0},
                                           {"allocate", 1},
                                           {"record", 1},
                                           {"wait", 1},
                                           {"free", 1},
                                           {"unit_flag", 0},
                                           {"consumer_sync_period", 0}};

std::int64_t numberOf(Attribute value) {
  if (auto boolean = dyn_cast<BoolAttr>(value))
    return boolean.getValue() ? 1 : 0;
  auto integer = dyn_cast<IntegerAttr>(value);
  return integer ? integer.getInt() : -1;
}

class Adapter {
public:
  explicit Adapter(Ptoas version) : version_(version) {}

  LogicalResult adapt(ModuleOp module) {
    for (auto function : module.getOps<func::FuncOp>()) {
      for (unsigned i = 0; i < function.getNumArguments(); ++i)
        function.removeArgAttr(i, kernels::kParameterNameAttr);
      function_ = function;
      splitSharedStorage(function);
      layColumnsAsRows(function);
      const WalkResult walked = function.walk([&](Operation* op) { return adaptOp(op); });
      if (walked.wasInterrupted())
        return failure();
    }
    return success();
  }

private:
  WalkResult adaptOp(Operation* op) {
    if (isa<AllocTileOp, AllocMultiTileOp>(op))
      for (const char* own : {"address", "stride"})
        op->removeAttr(own);
    if (isa<AllocTileOp, AllocMultiTileOp, ReserveBufferOp>(op))
      op->removeAttr("buffer");
    if (auto ffts = dyn_cast<SetFftsOp>(op))
      return adaptFfts(ffts);
    if (const std::optional<FifoEnd> end = fifoEndOf(op); end && end->id && failed(leaveOut(*end)))
      return WalkResult::interrupt();
    for (const OwnAttribute& own : kOwnAttributes)
      if (failed(requireDefault(op, own)))
        return WalkResult::interrupt();
    return WalkResult::advance();
  }

  InFlightDiagnostic refuse(Operation* op, StringRef what) const {
    return op->emitOpError() << what << ": the assembler " << ptotune::name(version_).data()
                             << " has no place for it; expected --ptoas none, or a point without "
                                "it";
  }

  LogicalResult requireDefault(Operation* op, const OwnAttribute& own) const {
    const std::optional<Attribute> value = op->getInherentAttr(own.name);
    if (!value || !*value)
      return success();
    if (numberOf(*value) == own.defaultValue)
      return success();
    std::string text;
    llvm::raw_string_ostream(text) << "has " << own.name << " = " << *value;
    return refuse(op, text);
  }

  // What an end of a FIFO says beyond upstream: left out with a comment where no transfer of the
  // FIFO reads it, refused otherwise.
  LogicalResult leaveOut(const FifoEnd& end) const {
    const bool ofSlots = end.slotTensor != nullptr;
    const bool landing = end.op->getNumOperands() > (ofSlots ? 1U : 0U);
    if (version_ == Ptoas::v0_49 && ofSlots && landing)
      return refuse(end.op, "has gm_slot_tensor beside a consumer buffer");
    if (end.localSlotNum && ofSlots && !landing) {
      if (movesTiles(*end.id, FifoAction::tpop))
        return refuse(end.op, "has local_slot_num beside gm_slot_tensor, and tiles are popped");
      note(end.op, fmt::format("local_slot_num = {} left out: upstream has no place for it, and "
                               "only popped tiles read it",
                               *end.localSlotNum));
      end.op->removeAttr("local_slot_num");
    }
    if (end.unitFlag) {
      if (movesTiles(*end.id, FifoAction::tpush))
        return refuse(end.op, "has unit_flag, and tiles are pushed");
      note(end.op, "unit_flag left out: upstream has no place for it, and only pushed accumulators "
                   "read it");
      end.op->setAttr("unit_flag", BoolAttr::get(end.op->getContext(), false));
    }
    return success();
  }

  // Whether some transfer of the FIFO moves a tile that way, on either core.
  bool movesTiles(std::int64_t id, FifoAction action) const {
    bool moves = false;
    function_->getParentOfType<ModuleOp>().walk([&](FifoOpInterface transfer) {
      moves |= transfer.getFifoId() == id && transfer.getAction() == action &&
               transfer.getFifoEntry() && isa<TileBufType>(transfer.getFifoEntry().getType());
    });
    return moves;
  }

  static void note(Operation* before, const std::string& text) {
    OpBuilder(before).create<StageOp>(before->getLoc(), text);
  }

  // v0.49 takes the base address as a memref, later ones as a pointer.
  WalkResult adaptFfts(SetFftsOp op) {
    const bool wantsMemref = version_ == Ptoas::v0_49;
    const Value base = op.getFfts();
    if (isa<MemRefType>(base.getType()) == wantsMemref)
      return WalkResult::advance();
    auto argument = dyn_cast<BlockArgument>(base);
    if (!argument || !base.hasOneUse() || argument.getOwner() != &function_.getBody().front())
      return refuse(op, "takes its base address from other than a parameter of its own"),
             WalkResult::interrupt();
    MLIRContext* context = op.getContext();
    const Type words = IntegerType::get(context, 64);
    argument.setType(wantsMemref ? Type(MemRefType::get({kFftsWords}, words))
                                 : Type(PtrType::get(words)));
    llvm::SmallVector<Type> parameters(function_.getArgumentTypes());
    parameters[argument.getArgNumber()] = argument.getType();
    function_.setType(FunctionType::get(context, parameters, function_.getResultTypes()));
    return WalkResult::advance();
  }

  // The extent that upstream's samples give the memref; nothing reads it.
  static constexpr std::int64_t kFftsWords = 256;

  Ptoas version_;
  func::FuncOp function_;
};

} // namespace

LogicalResult adaptToPtoas(ModuleOp module, Ptoas version) {
  return version == Ptoas::none ? success() : Adapter(version).adapt(module);
}

} // namespace ptotune::emit
