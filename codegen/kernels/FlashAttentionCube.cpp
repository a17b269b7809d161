// QK and PV: what the cube core executes.
#include "codegen/kernels/FlashAttentionParts.h"
#include "space/fa/Buffers.h"

namespace ptotune::kernels::fa {

using namespace mlir;
using namespace mlir::pto;
using ptotune::fa::kAcc;
using ptotune::fa::kKeyL1;
using ptotune::fa::kLeft;
using ptotune::fa::kProbL1;
using ptotune::fa::kQueryL1;
using ptotune::fa::kRight;
using ptotune::fa::kValueL1;

namespace {

// Two copies of every L1 and L0 operand: one is filled while the other is read.
constexpr std::int64_t kDouble = 2;

class CubeKernel {
public:
  CubeKernel(Author& author, const Plan& plan)
      : a_(author), plan_(plan), s_(plan.shapes), stepsQK_(s_.head / s_.depthQK),
        stepsPV_(s_.cubeS1 / s_.depthPV) {}

  void build(ModuleOp module) {
    const Type f16 = a_.pointer(a_.f16());
    const Type f32 = a_.pointer(a_.f32());
    const Type index = a_.b.getIndexType();
    auto function = a_.function(module, kCubeKernel,
                                {{"q", f16},
                                 {"k", f16},
                                 {"v", f16},
                                 {"qk_fifo", f32},
                                 {"p_fifo", f16},
                                 {"pv_fifo", f32},
                                 {"s0", index},
                                 {"s1", index}});
    function->setAttr(kKernelKindAttr, KernelKindAttr::get(a_.b.getContext(), KernelKind::cube));
    allocate();
    const Frame f = frame(a_, plan_, function.getArgument(6), function.getArgument(7));
    q_ = a_.rowMajor("q_view", function.getArgument(0), f.s0, s_.head);
    k_ = a_.columnMajor("k_view", function.getArgument(1), s_.head, f.s1);
    v_ = a_.rowMajor("v_view", function.getArgument(2), f.s1, s_.head);
    qk_->connect(function.getArgument(3), f.core);
    p_->connect(function.getArgument(4), f.core);
    pv_->connect(function.getArgument(5), f.core);
    forEachUnit(a_, plan_, f, [&](const Unit& unit) { run(unit); });
    a_.b.setInsertionPointToEnd(&function.getBody().front());
    a_.b.create<func::ReturnOp>(a_.loc());
  }

private:
  // The copies that one iteration of a tile loop takes from each buffer.
  struct Turns {
    Rotation key, prob, value, operands, acc;
  };

  void allocate() {
    const auto mat = [this](std::int64_t rows, std::int64_t cols, TileConfig config) {
      return a_.tileType(AddressSpace::mat, rows, cols, a_.f16(), config);
    };
    const auto left = [this](std::int64_t cols) {
      return a_.tileType(AddressSpace::left, s_.cubeS0, cols, a_.f16(), TileConfig::left());
    };
    const auto right = [this](std::int64_t rows, std::int64_t cols) {
      return a_.tileType(AddressSpace::right, rows, cols, a_.f16(), TileConfig::right());
    };
    const auto acc = [this](std::int64_t cols) {
      return a_.tileType(AddressSpace::acc, s_.cubeS0, cols, a_.f32(), TileConfig::acc());
    };
    qL1_ = a_.tiles("q_l1", kQueryL1, mat(s_.cubeS0, s_.head, TileConfig::nz()));
    kL1_ = a_.tiles("k_l1", kKeyL1, mat(s_.head, s_.cubeS1, TileConfig::zn()), kDouble);
    p_ = makeConsumer(a_, plan_.p, KernelKind::cube, {kLandingP, kProbL1});
    vL1_ = a_.tiles("v_l1", kValueL1, mat(s_.cubeS1, s_.head, TileConfig::nz()), kDouble);
    qLeft_ = a_.tiles("q_left", kLeft, left(s_.depthQK), kDouble);
    kRight_ = a_.tiles("k_right", kRight, right(s_.depthQK, s_.cubeS1), kDouble);
    pLeft_ = a_.tiles("p_left", kLeft, left(s_.depthPV), kDouble);
    vRight_ = a_.tiles("v_right", kRight, right(s_.depthPV, s_.head), kDouble);
    qkAcc_ = a_.tiles("qk_acc", kAcc, acc(s_.cubeS1), s_.accCopies);
    pvAcc_ = a_.tiles("pv_acc", kAcc, acc(s_.head), s_.accCopies);
    qk_ = makeProducer(a_, plan_.qk, KernelKind::cube, kLandingQK);
    pv_ = makeProducer(a_, plan_.pv, KernelKind::cube, kLandingPV);
  }

  // `operandUses` and `accUses` are uses of left/right and of QK's accumulators in an iteration.
  Turns turns(Value t, std::int64_t operandUses, std::int64_t accCopies) {
    return {Rotation(a_, t, s_.factor, kDouble), Rotation(a_, t, s_.factor, kDouble),
            Rotation(a_, t, s_.factor, kDouble), Rotation(a_, t, operandUses, kDouble),
            Rotation(a_, t, s_.factor, accCopies)};
  }

  void run(const Unit& unit) {
    qk_->open();
    p_->open();
    pv_->open();
    a_.stage("prologue");
    const Value rows = a_.mul(unit.block, s_.cubeS0);
    a_.load(a_.window("q_rows", q_, rows, a_.index(0), s_.cubeS0, s_.head), qL1_.value);
    first_ = unit.first;
    const Value one = a_.index(1);
    const Value pre = a_.min(unit.tiles, a_.index(plan_.preload), "pre");
    const Value rest = a_.sub(unit.tiles, pre, "rest");
    a_.loop("preload", "t", a_.index(0), pre, one, [&](Value t) { preload(t); });
    a_.loop("steady", "t", a_.index(0), rest, one, [&](Value t) { steady(t, a_.add(t, pre)); });
    a_.loop("drain", "t", rest, unit.tiles, one, [&](Value t) { drain(t); });
  }

  void preload(Value t) {
    Turns turn = turns(t, s_.factor * stepsQK_, s_.accCopies);
    for (std::int64_t part = 0; part < s_.factor; ++part)
      scores(t, part, turn);
  }

  void steady(Value t, Value ahead) {
    Turns turn = turns(t, s_.factor * (stepsQK_ + stepsPV_), s_.accCopies - 1);
    for (std::int64_t part = 0; part < s_.factor; ++part) {
      scores(ahead, part, turn);
      product(t, part, turn);
    }
  }

  void drain(Value t) {
    Turns turn = turns(t, s_.factor * stepsPV_, s_.accCopies - 1);
    for (std::int64_t part = 0; part < s_.factor; ++part)
      product(t, part, turn);
  }

  // Key columns [part * CUBE_S1, +CUBE_S1) of tile t: scores = Q K^T.
  void scores(Value t, std::int64_t part, Turns& turn) {
    a_.stage("QK", t, part);
    const bool first = part == 0;
    const bool last = part == s_.factor - 1;
    if (first)
      qk_->reserve();
    const Value column = keyOf(t, part);
    const Value key = a_.tile(kL1_, turn.key.next());
    a_.load(a_.window("k_cols", k_, a_.index(0), column, s_.head, s_.cubeS1), key);
    const Value acc = a_.tile(qkAcc_, turn.acc.next());
    for (std::int64_t step = 0; step < stepsQK_; ++step) {
      const Value depth = a_.index(step * s_.depthQK);
      const Value copy = turn.operands.next();
      multiply({qL1_.value, a_.tile(qLeft_, copy)}, {key, a_.tile(kRight_, copy)}, depth, acc,
               step == 0, step == stepsQK_ - 1);
    }
    qk_->put(part, acc);
    if (last)
      qk_->commit();
  }

  // Key rows [part * CUBE_S1, +CUBE_S1) of tile t: product += P V.
  void product(Value t, std::int64_t part, Turns& turn) {
    a_.stage("PV", t, part);
    const bool first = part == 0;
    const bool last = part == s_.factor - 1;
    const Value row = keyOf(t, part);
    const Value value = a_.tile(vL1_, turn.value.next());
    a_.load(a_.window("v_rows", v_, row, a_.index(0), s_.cubeS1, s_.head), value);
    if (first)
      p_->take();
    const Value prob = p_->get(part, turn.prob);
    if (last)
      p_->release();
    const Value acc = a_.tile(pvAcc_, a_.index(s_.accCopies - 1));
    for (std::int64_t step = 0; step < stepsPV_; ++step) {
      const Value depth = a_.index(step * s_.depthPV);
      const Value copy = turn.operands.next();
      multiply({prob, a_.tile(pLeft_, copy)}, {value, a_.tile(vRight_, copy)}, depth, acc,
               first && step == 0, last && step == stepsPV_ - 1);
    }
    if (!last)
      return;
    pv_->reserve();
    pv_->put(0, acc);
    pv_->commit();
  }

  // The first key of a subtile of the work unit's tile t.
  Value keyOf(Value t, std::int64_t part) {
    return a_.add(a_.mul(a_.add(first_, t), s_.tileS1), a_.index(part * s_.cubeS1));
  }

  // An L1 operand and the L0 tile that one step of it goes to.
  struct Operand {
    Value l1, l0;
  };

  // One L0 step: acc (+)= left part at column `depth` x right part at row `depth`.
  void multiply(const Operand& left, const Operand& right, Value depth, Value acc, bool first,
                bool last) {
    a_.b.create<TExtractOp>(a_.loc(), left.l1, a_.index(0), depth, left.l0);
    a_.b.create<TExtractOp>(a_.loc(), right.l1, depth, a_.index(0), right.l0);
    const AccPhase phase = !plan_.unitFlag ? AccPhase::unspecified
                           : last          ? AccPhase::final
                                           : AccPhase::partial;
    if (first)
      a_.b.create<TMatmulOp>(a_.loc(), left.l0, right.l0, acc, phase);
    else
      a_.b.create<TMatmulAccOp>(a_.loc(), acc, left.l0, right.l0, acc, phase);
  }

  Author& a_;
  const Plan& plan_;
  const Shapes& s_;
  const std::int64_t stepsQK_; // L0 steps of one subtile of Q K^T
  const std::int64_t stepsPV_; // L0 steps of one subtile of P V
  Tiles qL1_, kL1_, vL1_, qLeft_, kRight_, pLeft_, vRight_, qkAcc_, pvAcc_;
  Value q_, k_, v_;
  Value first_; // tile 0 of the work unit at hand, among all tiles
  std::unique_ptr<Producer> qk_, pv_;
  std::unique_ptr<Consumer> p_;
};

} // namespace

void buildCube(Author& author, ModuleOp module, const Plan& plan) {
  CubeKernel(author, plan).build(module);
}

} // namespace ptotune::kernels::fa
