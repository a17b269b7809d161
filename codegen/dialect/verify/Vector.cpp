// Verifiers of the vector operations, and of flags and barriers.
#include "codegen/dialect/verify/Verify.h"

namespace mlir::pto {
namespace {

bool isFloat16Or32(Type type) {
  return type.isF16() || type.isF32();
}

// f16, f32, i16, i32: what the vector unit adds, compares and multiplies.
bool isVectorNumber(Type type) {
  return isFloat16Or32(type) || type.isSignlessInteger(16) || type.isSignlessInteger(32);
}
constexpr StringRef kVectorNumbers = "f16, f32, i16 or i32";

LogicalResult expectSame(Operation* op, NamedTile first, NamedTile second) {
  return failure(failed(expectVectorRows(op, second)) ||
                 failed(expectSameElement(op, first, second)) ||
                 failed(expectSameValid(op, first, second)));
}

LogicalResult expectScalar(Operation* op, Value scalar, NamedTile tile) {
  if (scalar.getType() == tile.type.getElementType())
    return success();
  return op->emitOpError() << "expected 'scalar' of the element type of '" << tile.name << "', "
                           << tile.type.getElementType() << ", got " << scalar.getType();
}

template <typename Op> LogicalResult verifyBinary(Op op) {
  NamedTile dst = named("dst", op.getDst());
  if (failed(expectVectorRows(op, dst)) ||
      failed(expectElement(op, dst, isVectorNumber, kVectorNumbers)) ||
      failed(expectSame(op, dst, named("lhs", op.getLhs()))))
    return failure();
  return expectSame(op, dst, named("rhs", op.getRhs()));
}

template <typename Op> LogicalResult verifyScalar(Op op) {
  NamedTile dst = named("dst", op.getDst());
  if (failed(expectVectorRows(op, dst)) ||
      failed(expectElement(op, dst, isVectorNumber, kVectorNumbers)) ||
      failed(expectSame(op, dst, named("src", op.getSrc()))))
    return failure();
  return expectScalar(op, op.getScalar(), dst);
}

// A scratch tile is apart from the tiles whose content counts.
template <typename Op> LogicalResult verifyTmp(Op op, NamedTile like) {
  if (!op.getTmp())
    return success();
  NamedTile tmp = named("tmp", op.getTmp());
  if (failed(expectVectorRows(op, tmp)) || failed(expectSameElement(op, like, tmp)))
    return failure();
  for (Value read : op.getTilesRead())
    if (read == op.getTmp())
      return op.emitOpError() << "expected 'tmp' to be apart from the tiles that are read";
  if (op.getTmp() == op.getDst())
    return op.emitOpError() << "expected 'tmp' to be apart from 'dst'";
  return success();
}

template <typename Op> LogicalResult verifyRowReduce(Op op) {
  NamedTile src = named("src", op.getSrc());
  if (failed(expectVectorRows(op, src)) ||
      failed(expectElement(op, src, isVectorNumber, kVectorNumbers)) ||
      failed(expectRowValues(op, named("dst", op.getDst()), src)))
    return failure();
  return verifyTmp(op, src);
}

template <typename Op>
LogicalResult verifyRowExpand(Op op, bool (*accept)(Type) = isVectorNumber,
                              StringRef expected = kVectorNumbers) {
  NamedTile dst = named("dst", op.getDst());
  if (failed(expectVectorRows(op, dst)) || failed(expectElement(op, dst, accept, expected)) ||
      failed(expectSame(op, dst, named("src", op.getSrc()))) ||
      failed(expectRowValues(op, named("rowValues", op.getRowValues()), dst)))
    return failure();
  return verifyTmp(op, dst);
}

} // namespace

LogicalResult TExpOp::verify() {
  NamedTile dst = named("dst", getDst());
  if (failed(expectVectorRows(*this, dst)) ||
      failed(expectElement(*this, dst, isFloat16Or32, "f16 or f32")))
    return failure();
  return expectSame(*this, dst, named("src", getSrc()));
}

LogicalResult TAddOp::verify() {
  return verifyBinary(*this);
}
LogicalResult TSubOp::verify() {
  return verifyBinary(*this);
}
LogicalResult TMulOp::verify() {
  return verifyBinary(*this);
}
LogicalResult TMaxOp::verify() {
  return verifyBinary(*this);
}
LogicalResult TMulsOp::verify() {
  return verifyScalar(*this);
}
LogicalResult TAddsOp::verify() {
  return verifyScalar(*this);
}

LogicalResult TExpandsOp::verify() {
  NamedTile dst = named("dst", getDst());
  if (failed(expectVectorRows(*this, dst)))
    return failure();
  return expectScalar(*this, getScalar(), dst);
}

LogicalResult TTriOp::verify() {
  NamedTile dst = named("dst", getDst());
  if (failed(expectVectorRows(*this, dst)) ||
      failed(expectElement(*this, dst, isVectorNumber, kVectorNumbers)))
    return failure();
  if (getUpperOrLower() != 1)
    return emitOpError() << "expected upperOrLower = 1, the upper triangle, got "
                         << getUpperOrLower();
  return success();
}

LogicalResult TRowMaxOp::verify() {
  return verifyRowReduce(*this);
}
LogicalResult TRowSumOp::verify() {
  return verifyRowReduce(*this);
}
LogicalResult TRowExpandSubOp::verify() {
  return verifyRowExpand(*this);
}
LogicalResult TRowExpandMulOp::verify() {
  return verifyRowExpand(*this);
}
LogicalResult TRowExpandDivOp::verify() {
  return verifyRowExpand(*this, isFloat16Or32, "f16 or f32");
}

LogicalResult TCvtOp::verify() {
  NamedTile src = named("src", getSrc());
  NamedTile dst = named("dst", getDst());
  if (failed(expectVectorRows(*this, src)) || failed(expectVectorRows(*this, dst)) ||
      failed(expectSameShape(*this, src, dst)) || failed(expectSameValid(*this, src, dst)))
    return failure();
  if (getTmp())
    return expectVectorRows(*this, named("tmp", getTmp()));
  return success();
}

//===-- Flags and barriers ------------------------------------------------===//

namespace {

// The vector core has no M, MTE1 and FIX, the cube core no V.
bool hasPipe(KernelKind kind, Pipe pipe) {
  switch (pipe) {
  case Pipe::v:
    return kind == KernelKind::vector;
  case Pipe::m:
  case Pipe::mte1:
  case Pipe::fix:
    return kind == KernelKind::cube;
  case Pipe::s:
  case Pipe::mte2:
  case Pipe::mte3:
  case Pipe::all:
    return true;
  }
  llvm_unreachable("every pipe has a case");
}

LogicalResult expectPipeOfCore(Operation* op, Pipe pipe) {
  std::optional<KernelKind> kind = kernelKind(op);
  if (!kind || hasPipe(*kind, pipe))
    return success();
  return op->emitOpError() << "expected a pipe of the core of a " << stringifyKernelKind(*kind)
                           << " kernel, got " << stringifyPipe(pipe);
}

template <typename Op> LogicalResult verifyFlag(Op op) {
  for (Pipe pipe : {op.getSrcPipe(), op.getDstPipe()}) {
    if (pipe == Pipe::all)
      return op.emitOpError() << "expected one pipe on either side, got PIPE_ALL";
    if (failed(expectPipeOfCore(op, pipe)))
      return failure();
  }
  if (op.getSrcPipe() == op.getDstPipe())
    return op.emitOpError() << "expected two different pipes, got "
                            << stringifyPipe(op.getSrcPipe())
                            << " twice; order within a pipe needs pto.barrier";
  return success();
}

template <typename Op> LogicalResult verifyDynamicFlag(Op op) {
  std::optional<int64_t> event = constantOf(op.getEventId());
  if (event && (*event < 0 || *event > static_cast<int64_t>(getMaxEnumValForEvent())))
    return op.emitOpError() << "expected an event id in 0.."
                            << static_cast<int64_t>(getMaxEnumValForEvent()) << ", got " << *event;
  return verifyFlag(op);
}

} // namespace

LogicalResult SetFlagOp::verify() {
  return verifyFlag(*this);
}
LogicalResult WaitFlagOp::verify() {
  return verifyFlag(*this);
}
LogicalResult SetFlagDynOp::verify() {
  return verifyDynamicFlag(*this);
}
LogicalResult WaitFlagDynOp::verify() {
  return verifyDynamicFlag(*this);
}
LogicalResult BarrierOp::verify() {
  return expectPipeOfCore(*this, getPipe());
}

LogicalResult SetFftsOp::verify() {
  Type base = getFfts().getType();
  auto pointer = dyn_cast<PtrType>(base);
  Type element = pointer ? pointer.getElementType() : cast<BaseMemRefType>(base).getElementType();
  bool ofBytesOrWords = element.isSignlessInteger(64) || element.isSignlessInteger(8);
  if (ofBytesOrWords && (!pointer || pointer.getSpace() == AddressSpace::gm))
    return success();
  return emitOpError()
         << "expected !pto.ptr<i64> or !pto.ptr<i8> in gm, or a memref of i64 or i8, got " << base;
}

} // namespace mlir::pto
