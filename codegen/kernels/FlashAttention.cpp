#include "codegen/kernels/FlashAttention.h"

#include "codegen/kernels/Combine.h"
#include "codegen/kernels/FlashAttentionParts.h"
#include "space/fa/FaSchedule.h"

namespace ptotune::kernels {

using namespace mlir;
using namespace mlir::pto;

namespace fa {
namespace {

constexpr std::int64_t kF16 = 2;
constexpr std::int64_t kF32 = 4;

Plan planOf(const KernelSpec& kernel, const Point& point, const SocProfile& soc) {
  const Shapes s = ptotune::fa::shapes(kernel, point, soc);
  Plan plan{};
  plan.shapes = s;
  const ptotune::fa::LandingRings rings = ptotune::fa::landingRings(kernel, point, soc);
  const bool apart = point.pipeModel() != PipeModel::slot && !rings.shared;
  plan.productIn = apart ? ptotune::fa::kProductIn : ptotune::fa::kVecIn;
  Fifo fifo{.model = point.pipeModel(),
            .rows = s.cubeS0,
            .vectorRows = s.vecRows,
            .localSlots = point.localSlotNum(),
            .unitFlag = point.unitFlag()};
  // Scores, probabilities and products, each a slot of CUBE_S0 rows.
  fifo.name = "qk";
  fifo.id = ptotune::fa::kFifoQK;
  fifo.direction = Direction::cubeToVector;
  fifo.cols = s.tileS1;
  fifo.elementBytes = kF32;
  fifo.cubeParts = s.factor;
  fifo.vectorParts = s.factor;
  fifo.slots = point.slotNumQK();
  fifo.windows = {"qk_cols", "qk_rows"};
  fifo.consumer = kVectorKernel;
  fifo.landingBytes = rings.qk.region();
  plan.qk = fifo;
  fifo.name = "pv";
  fifo.id = ptotune::fa::kFifoPV;
  fifo.cols = s.head;
  fifo.cubeParts = 1;
  fifo.vectorParts = s.outParts;
  fifo.slots = point.slotNumPV();
  fifo.windows = {"pv_rows", "pv_rows"};
  fifo.landingBytes = rings.pv.region();
  plan.pv = fifo;
  fifo = plan.qk;
  fifo.name = "p";
  fifo.id = ptotune::fa::kFifoP;
  fifo.direction = Direction::vectorToCube;
  fifo.elementBytes = kF16;
  fifo.slots = point.slotNumP();
  fifo.unitFlag = false;
  fifo.windows = {"p_cols", "p_rows"};
  fifo.consumer = kCubeKernel;
  fifo.landingBytes = rings.p.region();
  plan.p = fifo;
  plan.preload = point.qkPreload();
  plan.guFirst = point.vecOrder() == VecOrder::guFirst;
  plan.expRing = point.expRing();
  plan.parts = point.kvSplit();
  plan.causal = kernel.causal;
  plan.unitFlag = point.unitFlag();
  plan.vectorCores = soc.vectorPerCube;
  plan.scratchCols = soc.blockBytes / 4;
  return plan;
}

// The launched function: both kernels, of which each core compiles its own.
void buildEntry(Author& a, ModuleOp module, const Plan& plan) {
  const Type f16 = a.pointer(a.f16());
  const llvm::SmallVector<Parameter> results = resultParameters(a, plan);
  const llvm::SmallVector<Parameter> shared = sharedParameters(a);
  llvm::SmallVector<Parameter> parameters = {
      {"ffts", a.pointer(a.b.getI64Type())}, {"q", f16}, {"k", f16}, {"v", f16}};
  llvm::append_range(parameters, results);
  llvm::append_range(parameters, shared);
  auto entry = a.function(module, "flash_attention", parameters);
  entry->setAttr(kEntryAttr, a.b.getUnitAttr());
  const llvm::SmallVector<Value> all(entry.getArguments());
  const llvm::ArrayRef<Value> arguments(all);
  a.b.create<SetFftsOp>(a.loc(), arguments.front());
  llvm::SmallVector<Value> ofCube(arguments.slice(1, 3));
  llvm::append_range(ofCube, arguments.take_back(shared.size()));
  a.b.create<func::CallOp>(a.loc(), kCubeKernel, TypeRange(), ofCube);
  a.b.create<func::CallOp>(a.loc(), kVectorKernel, TypeRange(),
                           arguments.take_back(results.size() + shared.size()));
  a.b.create<func::ReturnOp>(a.loc());
}

} // namespace

llvm::SmallVector<Parameter> resultParameters(Author& a, const Plan& plan) {
  const Type f32 = a.pointer(a.f32());
  if (plan.parts == 1)
    return {{"out", f32}};
  return {{"part_out", f32}, {"part_max", f32}, {"part_sum", f32}};
}

llvm::SmallVector<Parameter> sharedParameters(Author& a) {
  const Type f32 = a.pointer(a.f32());
  const Type index = a.b.getIndexType();
  return {{"qk_fifo", f32},
          {"p_fifo", a.pointer(a.f16())},
          {"pv_fifo", f32},
          {"s0", index},
          {"s1", index}};
}

Frame frame(Author& a, const Plan& plan, Value s0, Value s1) {
  Frame f;
  f.s0 = s0;
  f.s1 = s1;
  f.core = a.coreIndex<GetBlockIdxOp>("core");
  f.cores = a.coreIndex<GetBlockNumOp>("cores");
  const bool whole = plan.parts == 1;
  const Value blocks = a.div(s0, plan.shapes.cubeS0, whole ? "blocks" : "");
  f.units = a.mul(blocks, plan.parts, "units");
  f.tiles = a.div(s1, plan.shapes.tileS1, "tiles");
  return f;
}

Unit unitOf(Author& a, const Plan& plan, const Frame& f, Value number) {
  const std::int64_t cubeS0 = plan.shapes.cubeS0;
  const std::int64_t tileS1 = plan.shapes.tileS1;
  const bool whole = plan.parts == 1;
  Unit u;
  u.number = number;
  u.block = whole ? number : a.div(number, plan.parts, "block");
  Value keyTiles = f.tiles; // of the block
  if (plan.causal) {
    const Value end = a.add(a.mul(u.block, cubeS0), a.index(cubeS0 + tileS1 - 1));
    keyTiles = a.min(a.div(end, tileS1), f.tiles, whole ? "unit_tiles" : "block_tiles");
  }
  u.first = a.index(0);
  u.tiles = keyTiles;
  Value end = keyTiles;
  if (!whole) {
    const Value part = a.rem(number, plan.parts, "part");
    const auto share = [&](Value parts, llvm::StringRef name) {
      const Value product = a.b.create<arith::MulIOp>(a.loc(), parts, keyTiles);
      return a.div(product, plan.parts, name);
    };
    u.first = share(part, "first");
    end = share(a.add(part, a.index(1)), "end");
    // Equal parts, told by a number that does not depend on the unit.
    u.tiles =
        plan.causal ? a.sub(end, u.first, "unit_tiles") : a.div(f.tiles, plan.parts, "unit_tiles");
  }
  u.seen = u.tiles;
  if (plan.causal) {
    const Value crossed = a.div(a.mul(u.block, cubeS0), tileS1, "crossed"); // by the diagonal
    const Value fromFirst = a.max(crossed, u.first, "crossed_here");
    u.seen = a.sub(a.min(fromFirst, end, "seen_end"), u.first, "seen");
  }
  return u;
}

} // namespace fa

OwningOpRef<ModuleOp> buildFlashAttention(MLIRContext& context, const KernelSpec& kernel,
                                          const Point& point, const SocProfile& soc) {
  OpBuilder builder(&context);
  Author author(builder);
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder.getUnknownLoc());
  module.get()->setAttr(kTargetArchAttr, builder.getStringAttr("a3"));
  const fa::Plan plan = fa::planOf(kernel, point, soc);
  fa::buildCube(author, *module, plan);
  fa::buildVector(author, *module, plan);
  fa::buildEntry(author, *module, plan);
  if (plan.parts > 1)
    buildCombine(author, *module, kernel, point, soc);
  return module;
}

} // namespace ptotune::kernels
