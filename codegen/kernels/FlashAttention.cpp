#include "codegen/kernels/FlashAttention.h"

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
  Fifo fifo{.rows = s.cubeS0,
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
  plan.qk = fifo;
  fifo.name = "pv";
  fifo.id = ptotune::fa::kFifoPV;
  fifo.cols = s.head;
  fifo.cubeParts = 1;
  fifo.vectorParts = 1;
  fifo.slots = point.slotNumPV();
  fifo.windows = {"pv_rows", "pv_rows"};
  plan.pv = fifo;
  fifo = plan.qk;
  fifo.name = "p";
  fifo.id = ptotune::fa::kFifoP;
  fifo.direction = Direction::vectorToCube;
  fifo.elementBytes = kF16;
  fifo.slots = point.slotNumP();
  fifo.unitFlag = false;
  fifo.windows = {"p_cols", "p_rows"};
  plan.p = fifo;
  plan.preload = point.qkPreload();
  plan.expRing = point.expRing();
  plan.unitFlag = point.unitFlag();
  plan.vectorCores = soc.vectorPerCube;
  plan.scratchCols = soc.blockBytes / 4;
  return plan;
}

// The launched function: both kernels, of which each core compiles its own.
void buildEntry(Author& a, ModuleOp module) {
  const Type f16 = a.pointer(a.f16());
  const Type f32 = a.pointer(a.f32());
  const Type index = a.b.getIndexType();
  auto entry = a.function(module, "flash_attention",
                          {{"ffts", a.pointer(a.b.getI64Type())},
                           {"q", f16},
                           {"k", f16},
                           {"v", f16},
                           {"out", f32},
                           {"qk_fifo", f32},
                           {"p_fifo", f16},
                           {"pv_fifo", f32},
                           {"s0", index},
                           {"s1", index}});
  entry->setAttr(kEntryAttr, a.b.getUnitAttr());
  const auto arg = [&entry](unsigned number) -> Value { return entry.getArgument(number); };
  a.b.create<SetFftsOp>(a.loc(), arg(0));
  a.b.create<func::CallOp>(
      a.loc(), "cube_kernel", TypeRange(),
      ValueRange{arg(1), arg(2), arg(3), arg(5), arg(6), arg(7), arg(8), arg(9)});
  a.b.create<func::CallOp>(a.loc(), "vector_kernel", TypeRange(),
                           ValueRange{arg(4), arg(5), arg(6), arg(7), arg(8), arg(9)});
  a.b.create<func::ReturnOp>(a.loc());
}

} // namespace

Frame frame(Author& a, const Plan& plan, Value s0, Value s1) {
  Frame f;
  f.s0 = s0;
  f.s1 = s1;
  f.core = a.coreIndex<GetBlockIdxOp>("core");
  f.cores = a.coreIndex<GetBlockNumOp>("cores");
  f.blocks = a.div(s0, plan.shapes.cubeS0, "blocks");
  f.tiles = a.div(s1, plan.shapes.tileS1, "tiles");
  f.pre = a.min(f.tiles, a.index(plan.preload), "pre");
  return f;
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
  fa::buildEntry(author, *module);
  return module;
}

} // namespace ptotune::kernels
