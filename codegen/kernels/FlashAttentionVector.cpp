// P and GU: what each of the two vector cores executes, on its half of a block's rows.
#include "codegen/kernels/FlashAttentionParts.h"
#include "space/fa/Buffers.h"

#include <fmt/format.h>

#include <cmath>

namespace ptotune::kernels::fa {

using namespace mlir;
using namespace mlir::pto;
using ptotune::fa::kExpandTmp;
using ptotune::fa::kExpMax;
using ptotune::fa::kOut;
using ptotune::fa::kProb;
using ptotune::fa::kRowMax;
using ptotune::fa::kRowSum;
using ptotune::fa::kRowTmp;
using ptotune::fa::kTileMax;
using ptotune::fa::kTileSum;
using ptotune::fa::kVecIn;

namespace {

// Landing tiles and probabilities have two copies: one is transferred while the other is computed.
constexpr std::int64_t kDouble = 2;
// Below every score, and far enough from the end of fp32 that differences stay finite.
constexpr double kLowest = -1.0e30;

class VectorKernel {
public:
  VectorKernel(Author& author, const Plan& plan) : a_(author), plan_(plan), s_(plan.shapes) {}

  void build(ModuleOp module) {
    const Type f16 = a_.pointer(a_.f16());
    const Type f32 = a_.pointer(a_.f32());
    const Type index = a_.b.getIndexType();
    auto function = a_.function(module, "vector_kernel",
                                {{"out", f32},
                                 {"qk_fifo", f32},
                                 {"p_fifo", f16},
                                 {"pv_fifo", f32},
                                 {"s0", index},
                                 {"s1", index}});
    function->setAttr(kKernelKindAttr, KernelKindAttr::get(a_.b.getContext(), KernelKind::vector));
    allocate();
    const Frame f = frame(a_, plan_, function.getArgument(4), function.getArgument(5));
    const Value aiv = a_.coreIndex<GetSubblockIdxOp>("aiv");
    const Value out = a_.rowMajor("out_view", function.getArgument(0), f.s0, s_.head);
    qk_->connect(function.getArgument(1), f.core);
    p_->connect(function.getArgument(2), f.core);
    pv_->connect(function.getArgument(3), f.core);
    schedule(
        a_, f,
        [&](Value) {
          qk_->open();
          p_->open();
          pv_->open();
          reset();
        },
        [&](Value t) {
          Turns turn = turns(t, s_.factor);
          softmax(t, turn);
        },
        [&](Value t, Value ahead) {
          Turns turn = turns(t, s_.factor + 1);
          softmax(ahead, turn);
          update(t, turn);
        },
        [&](Value t) {
          Turns turn = turns(t, 1);
          update(t, turn);
        },
        [&](Value block) {
          a_.stage("epilogue");
          rowExpand<TRowExpandDivOp>(out_.value, rowSum_.value);
          const Value rows = a_.add(a_.mul(block, s_.cubeS0), a_.mul(aiv, s_.vecRows));
          a_.store(out_.value, a_.window("out_rows", out, rows, a_.index(0), s_.vecRows, s_.head));
        });
    a_.b.setInsertionPointToEnd(&function.getBody().front());
    a_.b.create<func::ReturnOp>(a_.loc());
  }

private:
  // The copies that one iteration of a tile loop takes from the double buffers.
  struct Turns {
    Rotation in, prob;
  };

  // Row values of one slice of a tile, as a column and as a row over the same bytes.
  struct RowValues {
    Value column, row;
  };

  void allocate() {
    const auto f32 = [this](std::int64_t rows, std::int64_t cols) {
      return a_.vecType(rows, cols, a_.f32());
    };
    out_ = a_.tiles("o", kOut, f32(s_.vecRows, s_.head));
    qk_ = makeConsumer(a_, plan_.qk, KernelKind::vector, {"qk_in", kVecIn});
    pv_ = makeConsumer(a_, plan_.pv, KernelKind::vector, {"pv_in", kVecIn});
    p_ = makeProducer(a_, plan_.p, KernelKind::vector);
    prob_ = a_.tiles("p16", kProb, a_.vecType(s_.sliceRows, s_.tileS1, a_.f16()), kDouble);
    rowTmp_ = a_.tiles("row_tmp", kRowTmp, f32(s_.sliceRows, s_.rowTmpCols));
    expandTmp_ = a_.tiles("expand_tmp", kExpandTmp, f32(s_.vecRows, plan_.scratchCols));
    rowMax_ = a_.tiles("row_max", kRowMax, a_.columnType(s_.vecRows));
    rowSum_ = a_.tiles("row_sum", kRowSum, a_.columnType(s_.vecRows));
    const Tiles tileMax = a_.tiles("tile_max", kTileMax, a_.columnType(s_.sliceRows));
    const Tiles tileSum = a_.tiles("tile_sum", kTileSum, a_.columnType(s_.sliceRows));
    expMax_ = a_.tiles("exp_max", kExpMax, a_.columnType(s_.vecRows), plan_.expRing);
    tileMax_ = {tileMax.value, a_.asRow(tileMax.value, "tile_max_row")};
    tileSum_ = {tileSum.value, a_.asRow(tileSum.value, "tile_sum_row")};
    for (std::int64_t part = 0; part < s_.factor; ++part) {
      maxSlices_.push_back(slice(rowMax_.value, part, fmt::format("row_max{}", part)).row);
      sumSlices_.push_back(slice(rowSum_.value, part, fmt::format("row_sum{}", part)).row);
    }
    scale_ = a_.number(1.0 / std::sqrt(static_cast<double>(s_.head)), "scale");
    lowest_ = a_.number(kLowest, "lowest");
    zero_ = a_.number(0);
  }

  Turns turns(Value t, std::int64_t loads) {
    return {Rotation(a_, t, loads, kDouble), Rotation(a_, t, s_.factor, kDouble)};
  }

  RowValues slice(Value column, std::int64_t part, const std::string& name) {
    const Value rows = a_.rows(column, part * s_.sliceRows, s_.sliceRows, name);
    return {rows, a_.asRow(rows, name + "_row")};
  }

  // The running maximum, sum and output of a block that has seen no tile.
  void reset() {
    a_.stage("prologue");
    a_.b.create<TExpandsOp>(a_.loc(), lowest_, a_.asRow(rowMax_.value, "row_max_row"));
    a_.b.create<TExpandsOp>(a_.loc(), zero_, a_.asRow(rowSum_.value, "row_sum_row"));
    a_.b.create<TExpandsOp>(a_.loc(), zero_, out_.value);
  }

  // P(t): the block's scores against tile t become probabilities, slice of rows by slice.
  void softmax(Value t, Turns& turn) {
    Value expMax;
    for (std::int64_t part = 0; part < s_.factor; ++part) {
      a_.stage("P", t, part);
      const bool first = part == 0;
      const bool last = part == s_.factor - 1;
      if (first) {
        expMax = rescale(t);
        qk_->take();
      }
      const Value x = qk_->get(part, turn.in);
      if (last)
        qk_->release();
      const Value prob = a_.tile(prob_, turn.prob.next());
      const std::string name = fmt::format("exp_max{}", part);
      softmaxSlice(x, prob, slice(expMax, part, name).row, maxSlices_[part], sumSlices_[part]);
      if (first)
        p_->reserve();
      p_->put(part, prob);
      if (last)
        p_->commit();
    }
  }

  // Running softmax of a slice. Operations that do not depend on each other stand side by side, so
  // that one barrier of the vector pipe serves all of them.
  void softmaxSlice(Value x, Value prob, Value expMax, Value rowMax, Value rowSum) {
    const auto scaled = [this](Value tile) { a_.b.create<TMulsOp>(a_.loc(), tile, scale_, tile); };
    a_.b.create<TRowMaxOp>(a_.loc(), x, rowTmp_.value, tileMax_.column);
    a_.apply<TMaxOp>(tileMax_.row, rowMax, tileMax_.row);
    a_.apply<TSubOp>(rowMax, tileMax_.row, expMax);
    rowExpand<TRowExpandSubOp>(x, tileMax_.column);
    a_.apply<TMovOp>(tileMax_.row, rowMax);
    scaled(expMax);
    scaled(x);
    a_.apply<TExpOp>(expMax, expMax);
    a_.apply<TExpOp>(x, x);
    a_.apply<TMulOp>(rowSum, expMax, rowSum);
    a_.b.create<TCvtOp>(a_.loc(), x, Value(), prob, RoundMode::round);
    a_.b.create<TRowSumOp>(a_.loc(), x, rowTmp_.value, tileSum_.column);
    a_.apply<TAddOp>(rowSum, tileSum_.row, rowSum);
  }

  // GU(t): o = o * exp_max[t] + product of tile t.
  void update(Value t, Turns& turn) {
    a_.stage("GU", t);
    pv_->take();
    const Value x = pv_->get(0, turn.in);
    pv_->release();
    rowExpand<TRowExpandMulOp>(out_.value, rescale(t));
    a_.apply<TAddOp>(out_.value, x, out_.value);
  }

  // Tile t's place in the ring of rescale factors.
  Value rescale(Value t) { return a_.tile(expMax_, a_.rem(t, plan_.expRing, "exp_slot")); }

  // tile[r, c] op= rowValues[r]
  template <typename RowExpandOp> void rowExpand(Value tile, Value rowValues) {
    a_.b.create<RowExpandOp>(a_.loc(), tile, rowValues, expandTmp_.value, tile);
  }

  Author& a_;
  const Plan& plan_;
  const Shapes& s_;
  Tiles out_, prob_, rowTmp_, expandTmp_, rowMax_, rowSum_, expMax_;
  RowValues tileMax_, tileSum_;
  llvm::SmallVector<Value> maxSlices_, sumSlices_; // rows of row_max and row_sum, slice by slice
  Value scale_, lowest_, zero_;
  std::unique_ptr<Consumer> qk_, pv_;
  std::unique_ptr<Producer> p_;
};

} // namespace

void buildVector(Author& author, ModuleOp module, const Plan& plan) {
  VectorKernel(author, plan).build(module);
}

} // namespace ptotune::kernels::fa
