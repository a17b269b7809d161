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
using ptotune::fa::kMask;
using ptotune::fa::kOut;
using ptotune::fa::kProb;
using ptotune::fa::kRowMax;
using ptotune::fa::kRowSum;
using ptotune::fa::kRowTmp;
using ptotune::fa::kScores;
using ptotune::fa::kTileMax;
using ptotune::fa::kTileSum;
using ptotune::fa::kVecIn;

namespace {

// Landing tiles and probabilities have two copies: one is transferred while the other is computed.
constexpr std::int64_t kDouble = 2;
// Below every score, and far enough from the end of fp32 that differences stay finite.
constexpr double kLowest = -1.0e30;
// What is added to a score that is not seen. Further below kLowest than any score is above it, so
// that the exponential is 0 even in a row that has seen no key.
constexpr double kUnseen = -3.0e38;

class VectorKernel {
public:
  VectorKernel(Author& author, const Plan& plan) : a_(author), plan_(plan), s_(plan.shapes) {}

  void build(ModuleOp module) {
    llvm::SmallVector<Parameter> parameters = resultParameters(a_, plan_);
    const auto results = static_cast<unsigned>(parameters.size());
    llvm::append_range(parameters, sharedParameters(a_));
    auto function = a_.function(module, kVectorKernel, parameters);
    const auto arg = [&](unsigned number) -> Value { return function.getArgument(number); };
    function->setAttr(kKernelKindAttr, KernelKindAttr::get(a_.b.getContext(), KernelKind::vector));
    allocate();
    const Frame f = frame(a_, plan_, arg(results + 3), arg(results + 4));
    aiv_ = a_.coreIndex<GetSubblockIdxOp>("aiv");
    if (plan_.parts == 1) {
      outView_ = a_.rowMajor("out_view", arg(0), f.s0, s_.head);
    } else {
      outView_ = a_.rowMajor("part_out_view", arg(0), a_.mul(f.s0, plan_.parts), s_.head);
      maxView_ = a_.rowMajor("part_max_view", arg(1), f.units, s_.cubeS0);
      sumView_ = a_.rowMajor("part_sum_view", arg(2), f.units, s_.cubeS0);
    }
    qk_->connect(arg(results), f.core);
    p_->connect(arg(results + 1), f.core);
    pv_->connect(arg(results + 2), f.core);
    forEachUnit(a_, plan_, f, [&](const Unit& unit) { run(unit); });
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

  void run(const Unit& unit) {
    qk_->open();
    p_->open();
    pv_->open();
    reset();
    firstRow_ = a_.mul(unit.block, s_.cubeS0);
    firstTile_ = unit.first;
    const Value one = a_.index(1);
    const std::int64_t before = plan_.preload + (plan_.guFirst ? 0 : 1);
    const Value lead = a_.min(unit.tiles, a_.index(before), "lead");
    const Value ahead = a_.sub(lead, one, "ahead");
    const Value rest = a_.sub(unit.tiles, ahead, "rest");
    const auto preload = [&](const char* name, Value from, Value to, Keys keys) {
      a_.loop(name, "t", from, to, one, [&](Value t) {
        Turns turn = turns(t, s_.factor);
        softmax(t, turn, keys);
      });
    };
    const auto steady = [&](const char* name, Value from, Value to, Keys keys) {
      a_.loop(name, "t", from, to, one, [&](Value t) {
        Turns turn = turns(t, s_.factor + 1);
        softmax(a_.add(t, ahead), turn, keys);
        update(t, turn, Output::running);
      });
    };
    if (!plan_.causal) {
      preload("preload", a_.index(0), lead, Keys::all);
      firstUpdate(unit, lead);
      steady("steady", one, rest, Keys::all);
    } else {
      const Value seen = a_.min(unit.seen, lead, "preload_seen");
      preload("preload", a_.index(0), seen, Keys::all);
      preload("preload diagonal", seen, lead, Keys::upToDiagonal);
      firstUpdate(unit, lead);
      const Value crossing = a_.max(unit.seen, lead, "steady_crossed");
      const Value middle = a_.sub(crossing, ahead, "steady_seen");
      steady("steady", one, middle, Keys::all);
      steady("steady diagonal", middle, rest, Keys::upToDiagonal);
    }
    a_.loop("drain", "t", rest, unit.tiles, one, [&](Value t) {
      Turns turn = turns(t, 1);
      update(t, turn, Output::running);
    });
    finish(unit);
  }

  // Parts of a short key range may have no tile.
  bool mayBeEmpty() const { return plan_.causal && plan_.parts > 1; }

  // GU(0), behind `lead` tiles of P.
  void firstUpdate(const Unit& unit, Value lead) {
    Turns turn = turns(lead, s_.factor);
    if (!mayBeEmpty())
      return update(a_.index(0), turn, Output::first);
    const Value one = a_.index(1);
    a_.loop("first", "t", a_.index(0), a_.min(unit.tiles, one, "first_tiles"), one,
            [&](Value t) { update(t, turn, Output::first); });
  }

  // The unit's result from what its tiles have added up: the output, or what is left to combine.
  void finish(const Unit& unit) {
    a_.stage("epilogue");
    if (plan_.parts == 1)
      rowExpand<TRowExpandDivOp>(out_.value, rowSum_.value);
    const std::int64_t rows = plan_.pv.partRows(KernelKind::vector);
    const char* name = plan_.parts == 1 ? "out_rows" : "part_rows";
    for (std::int64_t part = 0; part < plan_.pv.vectorParts; ++part) {
      const Value row = plan_.pv.firstRow(a_, aiv_, part);
      const Value first = a_.add(a_.mul(unit.number, s_.cubeS0), row);
      a_.store(outSlices_[part], a_.window(name, outView_, first, a_.index(0), rows, s_.head));
      if (plan_.parts == 1)
        continue;
      const auto storeRow = [&](Value values, const char* window, Value view) {
        a_.store(values, a_.window(window, view, unit.number, row, 1, rows));
      };
      const bool whole = plan_.pv.vectorParts == 1;
      storeRow(whole ? maxRow_ : maxSlices_[part], "part_max_row", maxView_);
      storeRow(whole ? sumRow_ : sumSlices_[part], "part_sum_row", sumView_);
    }
  }

  void allocate() {
    const auto f32 = [this](std::int64_t rows, std::int64_t cols) {
      return a_.vecType(rows, cols, a_.f32());
    };
    out_ = a_.tiles("o", kOut, f32(s_.vecRows, s_.head));
    qk_ = makeConsumer(a_, plan_.qk, KernelKind::vector, {kLandingQK, kVecIn, kScores});
    pv_ = makeConsumer(a_, plan_.pv, KernelKind::vector, {kLandingPV, plan_.productIn});
    p_ = makeProducer(a_, plan_.p, KernelKind::vector, kLandingP);
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
    const std::int64_t rows = plan_.pv.partRows(KernelKind::vector);
    for (std::int64_t part = 0; part < plan_.pv.vectorParts; ++part)
      outSlices_.push_back(a_.rows(out_.value, part * rows, rows, fmt::format("o{}", part)));
    maxRow_ = a_.asRow(rowMax_.value, "row_max_row");
    sumRow_ = a_.asRow(rowSum_.value, "row_sum_row");
    if (plan_.causal) {
      mask_ = a_.tiles("mask", kMask, f32(s_.sliceRows, s_.tileS1));
      unseen_ = a_.number(kUnseen, "unseen");
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

  // The running maximum and sum of a block that has seen no tile; GU(0) writes the output.
  void reset() {
    a_.stage("prologue");
    a_.b.create<TExpandsOp>(a_.loc(), lowest_, maxRow_);
    a_.b.create<TExpandsOp>(a_.loc(), zero_, sumRow_);
    if (mayBeEmpty())
      a_.b.create<TExpandsOp>(a_.loc(), zero_, out_.value);
  }

  // Which keys of a tile the block's rows see.
  enum class Keys : std::uint8_t { all, upToDiagonal };

  // P(t): the block's scores against tile t become probabilities, slice of rows by slice.
  void softmax(Value t, Turns& turn, Keys keys) {
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
      if (keys == Keys::upToDiagonal)
        maskSlice(t, part, x);
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

  // Takes keys behind their query's row out of a slice: row r of the slice is query row
  // firstRow + part * Vr + r, column c is key (firstTile + t) * TILE_S1 + c.
  void maskSlice(Value t, std::int64_t part, Value x) {
    const Value inBlock = plan_.qk.firstRow(a_, aiv_, part);
    const Value row = a_.add(a_.add(firstRow_, inBlock), a_.index(1));
    const Value key = a_.mul(a_.add(firstTile_, t), s_.tileS1);
    const Value diagonal =
        a_.b.create<arith::IndexCastOp>(a_.loc(), a_.b.getI32Type(), a_.sub(row, key, "diagonal"));
    a_.b.create<TTriOp>(a_.loc(), diagonal, mask_.value, a_.b.getI32IntegerAttr(1));
    a_.b.create<TMulsOp>(a_.loc(), mask_.value, unseen_, mask_.value);
    a_.apply<TAddOp>(x, mask_.value, x);
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

  // Whether GU's tile is the first, which has no output to rescale.
  enum class Output : std::uint8_t { first, running };

  // GU(t): o = o * exp_max[t] + product of tile t; o = product of tile 0.
  void update(Value t, Turns& turn, Output output) {
    a_.stage("GU", t);
    pv_->take();
    const std::int64_t rows = plan_.pv.partRows(KernelKind::vector);
    for (std::int64_t part = 0; part < plan_.pv.vectorParts; ++part) {
      if (part > 0 && output == Output::first)
        a_.stage("GU", t, part);
      const Value x = pv_->get(part, turn.in);
      if (part == plan_.pv.vectorParts - 1)
        pv_->release();
      const Value out = outSlices_[part];
      if (output == Output::first) {
        // The running output is of no tile.
        a_.stage("first output", {}, part);
        a_.apply<TMovOp>(x, out);
        continue;
      }
      rowExpand<TRowExpandMulOp>(
          out, a_.rows(rescale(t), part * rows, rows, fmt::format("factor{}", part)));
      a_.apply<TAddOp>(out, x, out);
    }
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
  Tiles out_, prob_, rowTmp_, expandTmp_, rowMax_, rowSum_, expMax_, mask_;
  RowValues tileMax_, tileSum_;
  llvm::SmallVector<Value> maxSlices_, sumSlices_; // rows of row_max and row_sum, slice by slice
  llvm::SmallVector<Value> outSlices_;             // rows of o, part of a product by part
  Value scale_, lowest_, zero_, unseen_;
  Value firstRow_, firstTile_; // query row and tile that the work unit at hand begins with
  Value maxRow_, sumRow_;      // row_max and row_sum, each as one row
  Value aiv_, outView_, maxView_, sumView_;
  std::unique_ptr<Consumer> qk_, pv_;
  std::unique_ptr<Producer> p_;
};

} // namespace

void buildVector(Author& author, ModuleOp module, const Plan& plan) {
  VectorKernel(author, plan).build(module);
}

} // namespace ptotune::kernels::fa
