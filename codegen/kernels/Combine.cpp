#include "codegen/kernels/Combine.h"

#include "codegen/kernels/Author.h"
#include "space/fa/Buffers.h"

#include <fmt/format.h>

#include <cmath>

namespace ptotune::kernels {

using namespace mlir;
using namespace mlir::pto;

namespace {

// One part lands while the other is added.
constexpr std::int64_t kDouble = 2;

class CombineKernel {
public:
  CombineKernel(Author& author, const KernelSpec& kernel, const Point& point, const SocProfile& soc)
      : a_(author), s_(fa::shapes(kernel, point, soc)), parts_(point.kvSplit()),
        rows_(s_.combineRows), scratchCols_(soc.blockBytes / 4), vectorCores_(soc.vectorPerCube) {}

  void build(ModuleOp module) {
    const Type f32 = a_.pointer(a_.f32());
    auto function = a_.function(module, "combine_kernel",
                                {{"part_out", f32},
                                 {"part_max", f32},
                                 {"part_sum", f32},
                                 {"out", f32},
                                 {"s0", a_.b.getIndexType()}});
    function->setAttr(kKernelKindAttr, KernelKindAttr::get(a_.b.getContext(), KernelKind::vector));
    allocate();
    const Value s0 = function.getArgument(4);
    const Value core = a_.coreIndex<GetBlockIdxOp>("core");
    const Value cores = a_.coreIndex<GetBlockNumOp>("cores");
    const Value aiv = a_.coreIndex<GetSubblockIdxOp>("aiv");
    const Value units = a_.mul(a_.div(s0, s_.cubeS0), parts_, "units");
    partOut_ = a_.rowMajor("part_out_view", function.getArgument(0), a_.mul(s0, parts_), s_.head);
    partMax_ = a_.rowMajor("part_max_view", function.getArgument(1), units, s_.cubeS0);
    partSum_ = a_.rowMajor("part_sum_view", function.getArgument(2), units, s_.cubeS0);
    out_ = a_.rowMajor("out_view", function.getArgument(3), s0, s_.head);
    const Value groups = a_.div(s0, vectorCores_ * rows_, "groups");
    a_.loop("group", "group", core, groups, cores, [&](Value group) {
      const Value first = a_.mul(group, vectorCores_ * rows_);
      combine(a_.add(first, a_.mul(aiv, rows_), "row"));
    });
    a_.b.setInsertionPointToEnd(&function.getBody().front());
    a_.b.create<func::ReturnOp>(a_.loc());
  }

private:
  void allocate() {
    const auto f32 = [this](std::int64_t rows, std::int64_t cols) {
      return a_.vecType(rows, cols, a_.f32());
    };
    partIn_ = a_.tiles("part_in", fa::kCombineIn, f32(rows_, s_.head), kDouble);
    sum_ = a_.tiles("o", fa::kCombineOut, f32(rows_, s_.head));
    weights_ = a_.tiles("weights", fa::kCombineMax, f32(parts_, rows_));
    sums_ = a_.tiles("row_sums", fa::kCombineSum, f32(parts_, rows_));
    top_ = a_.tiles("row_max", fa::kCombineTop, f32(1, rows_));
    tmp_ = a_.tiles("expand_tmp", fa::kCombineTmp, f32(rows_, scratchCols_));
    for (std::int64_t part = 0; part < parts_; ++part) {
      weightRows_.push_back(a_.rows(weights_.value, part, 1, fmt::format("weight{}", part)));
      sumRows_.push_back(a_.rows(sums_.value, part, 1, fmt::format("row_sum{}", part)));
    }
    scale_ = a_.number(1.0 / std::sqrt(static_cast<double>(s_.head)), "scale");
  }

  // Query rows [row, row + rows_): with M the maximum over the parts p of their maxima m_p, weights
  // w_p = exp((m_p - M) * scale), out = sum of w_p * o_p / sum of w_p * l_p.
  void combine(Value row) {
    a_.stage("combine");
    const Value unit = a_.mul(a_.div(row, s_.cubeS0, "block"), parts_, "unit");
    const Value column = a_.rem(row, s_.cubeS0, "column");
    a_.load(a_.window("part_max_rows", partMax_, unit, column, parts_, rows_), weights_.value);
    a_.load(a_.window("part_sum_rows", partSum_, unit, column, parts_, rows_), sums_.value);
    weigh();
    for (std::int64_t part = 0; part < parts_; ++part) {
      const Value tile = a_.tile(partIn_, a_.index(part % kDouble));
      const Value first = a_.add(a_.mul(a_.add(unit, a_.index(part)), s_.cubeS0), column);
      a_.load(a_.window("part_rows", partOut_, first, a_.index(0), rows_, s_.head), tile);
      const Value weight = columnOf(weightRows_[static_cast<std::size_t>(part)], "weight_col");
      const Value to = part == 0 ? sum_.value : tile;
      a_.b.create<TRowExpandMulOp>(a_.loc(), tile, weight, tmp_.value, to);
      if (part > 0)
        a_.apply<TAddOp>(sum_.value, tile, sum_.value);
    }
    a_.b.create<TRowExpandDivOp>(a_.loc(), sum_.value, columnOf(sumRows_[0], "row_sum_col"),
                                 tmp_.value, sum_.value);
    a_.store(sum_.value, a_.window("out_rows", out_, row, a_.index(0), rows_, s_.head));
  }

  // Maxima become weights; the first row of the sums becomes their weighted sum.
  void weigh() {
    a_.apply<TMovOp>(weightRows_[0], top_.value);
    for (const Value row : llvm::ArrayRef(weightRows_).drop_front())
      a_.apply<TMaxOp>(top_.value, row, top_.value);
    for (const Value row : weightRows_)
      a_.apply<TSubOp>(row, top_.value, row);
    a_.b.create<TMulsOp>(a_.loc(), weights_.value, scale_, weights_.value);
    a_.apply<TExpOp>(weights_.value, weights_.value);
    a_.apply<TMulOp>(sums_.value, weights_.value, sums_.value);
    for (const Value row : llvm::ArrayRef(sumRows_).drop_front())
      a_.apply<TAddOp>(sumRows_[0], row, sumRows_[0]);
  }

  // A row of values as a column, for operations that expand it.
  Value columnOf(Value row, llvm::StringRef name) {
    return a_.b.create<TReshapeOp>(a_.loc(name), a_.columnType(rows_), row);
  }

  Author& a_;
  const fa::Shapes s_;
  const std::int64_t parts_; // KV_SPLIT
  const std::int64_t rows_;  // that an AIV combines at a time
  const std::int64_t scratchCols_;
  const std::int64_t vectorCores_;
  Tiles partIn_, sum_, weights_, sums_, top_, tmp_;
  llvm::SmallVector<Value> weightRows_, sumRows_; // rows of the weights and of the sums, by part
  Value scale_;
  Value partOut_, partMax_, partSum_, out_;
};

// The launched function. The cube cores have nothing to do.
void buildEntry(Author& a, ModuleOp module) {
  const Type f32 = a.pointer(a.f32());
  auto entry = a.function(module, "flash_attention_combine",
                          {{"part_out", f32},
                           {"part_max", f32},
                           {"part_sum", f32},
                           {"out", f32},
                           {"s0", a.b.getIndexType()}});
  entry->setAttr(kEntryAttr, a.b.getUnitAttr());
  a.b.create<func::CallOp>(a.loc(), "combine_kernel", TypeRange(),
                           ValueRange(entry.getArguments()));
  a.b.create<func::ReturnOp>(a.loc());
}

} // namespace

void buildCombine(Author& author, ModuleOp module, const KernelSpec& kernel, const Point& point,
                  const SocProfile& soc) {
  CombineKernel(author, kernel, point, soc).build(module);
  buildEntry(author, module);
}

} // namespace ptotune::kernels
