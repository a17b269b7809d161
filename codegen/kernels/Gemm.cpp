#include "codegen/kernels/Gemm.h"

#include "codegen/kernels/Author.h"

namespace ptotune::kernels {

using namespace mlir;
using namespace mlir::pto;

namespace {

class GemmKernel {
public:
  GemmKernel(Author& author, const GemmShape& shape, const GemmTiling& tiling)
      : a_(author), shape_(shape), t_(tiling) {}

  void build(ModuleOp module) {
    auto function = a_.kernel(module, KernelKind::cube, "cube_kernel",
                              {{"a", a_.pointer(a_.f16())},
                               {"b", a_.pointer(a_.f16())},
                               {"c", a_.pointer(a_.f32())},
                               {"m", a_.b.getIndexType()}});
    const Value m = function.getArgument(3);
    lhs_ = a_.rowMajor("a_view", function.getArgument(0), m, shape_.k);
    rhs_ = a_.rowMajor("b_view", function.getArgument(1), a_.index(shape_.k), shape_.n);
    out_ = a_.rowMajor("c_view", function.getArgument(2), m, shape_.n);
    allocate();
    const Value core = a_.coreIndex<GetBlockIdxOp>("core");
    const Value cores = a_.coreIndex<GetBlockNumOp>("cores");
    a_.loop("block", "block", core, a_.div(m, t_.tileM, "blocks"), cores, [&](Value block) {
      const Value row = a_.mul(block, t_.tileM, "row");
      a_.loop("columns", "tile", a_.index(0), a_.index(shape_.n / t_.tileN), a_.index(1),
              [&](Value tile) { column(row, tile); });
    });
    a_.finish();
  }

private:
  void allocate() {
    const auto tiles = [this](llvm::StringRef name, AddressSpace space, std::int64_t rows,
                              std::int64_t cols, Type element, TileConfig config,
                              std::int64_t copies) {
      return a_.tiles(name, name, a_.tileType(space, rows, cols, element, config), copies);
    };
    const Type f16 = a_.f16();
    lhsL1_ =
        tiles("a_l1", AddressSpace::mat, t_.tileM, t_.tileK, f16, TileConfig::nz(), t_.l1Copies);
    rhsL1_ =
        tiles("b_l1", AddressSpace::mat, t_.tileK, t_.tileN, f16, TileConfig::nz(), t_.l1Copies);
    left_ = tiles("left", AddressSpace::left, t_.tileM, t_.depthK, f16, TileConfig::left(),
                  t_.l0Copies);
    right_ = tiles("right", AddressSpace::right, t_.depthK, t_.tileN, f16, TileConfig::right(),
                   t_.l0Copies);
    acc_ = tiles("acc", AddressSpace::acc, t_.tileM, t_.tileN, a_.f32(), TileConfig::acc(),
                 t_.accCopies);
  }

  // C[row .. row + TILE_M, columns of `tile`]
  void column(Value row, Value tile) {
    a_.stage("C", tile);
    const Value col = a_.mul(tile, t_.tileN, "col");
    const Value acc = a_.tile(acc_, a_.rem(tile, t_.accCopies, "acc_copy"));
    step(row, col, a_.index(0), acc, /*first=*/true);
    if (shape_.k > t_.tileK)
      a_.loop("depth", "step", a_.index(1), a_.index(shape_.k / t_.tileK), a_.index(1),
              [&](Value next) { step(row, col, next, acc, /*first=*/false); });
    a_.store(acc, a_.window("c_tile", out_, row, col, t_.tileM, t_.tileN));
  }

  // acc (+)= A[row.., step's TILE_K] x B[step's TILE_K, col..]
  void step(Value row, Value col, Value number, Value acc, bool first) {
    const Value depth = a_.mul(number, t_.tileK);
    const Value inL1 = Rotation(a_, number, 1, t_.l1Copies).next();
    const Value lhs = a_.tile(lhsL1_, inL1);
    const Value rhs = a_.tile(rhsL1_, inL1);
    a_.load(a_.window("a_part", lhs_, row, depth, t_.tileM, t_.tileK), lhs);
    a_.load(a_.window("b_part", rhs_, depth, col, t_.tileK, t_.tileN), rhs);
    const std::int64_t parts = t_.tileK / t_.depthK;
    Rotation operands(a_, number, parts, t_.l0Copies);
    for (std::int64_t part = 0; part < parts; ++part) {
      const Value copy = operands.next();
      const Value left = a_.tile(left_, copy);
      const Value right = a_.tile(right_, copy);
      a_.extract(lhs, a_.index(0), a_.index(part * t_.depthK), left);
      a_.extract(rhs, a_.index(part * t_.depthK), a_.index(0), right);
      a_.matmul(left, right, acc, first && part == 0);
    }
  }

  Author& a_;
  const GemmShape& shape_;
  const GemmTiling& t_;
  Value lhs_, rhs_, out_;
  Tiles lhsL1_, rhsL1_, left_, right_, acc_;
};

// The launched function.
void buildEntry(Author& a, ModuleOp module) {
  auto entry = a.function(module, "gemm",
                          {{"a", a.pointer(a.f16())},
                           {"b", a.pointer(a.f16())},
                           {"c", a.pointer(a.f32())},
                           {"m", a.b.getIndexType()}});
  entry->setAttr(kEntryAttr, a.b.getUnitAttr());
  a.b.create<func::CallOp>(a.loc(), "cube_kernel", TypeRange(), entry.getArguments());
  a.finish();
}

} // namespace

OwningOpRef<ModuleOp> buildGemm(MLIRContext& context, const GemmShape& shape,
                                const GemmTiling& tiling) {
  OpBuilder builder(&context);
  Author author(builder);
  OwningOpRef<ModuleOp> module = author.module();
  GemmKernel(author, shape, tiling).build(*module);
  buildEntry(author, *module);
  return module;
}

} // namespace ptotune::kernels
