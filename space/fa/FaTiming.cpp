// The longest path through the timed event graph of the flash-attention kernel.
//
// The two cores are gone through in program order, as in EventGraph.cpp: every time is the maximum
// of times before it plus a duration, so any order that follows the arcs gives the same numbers.
#include "space/Bound.h"
#include "space/fa/Buffers.h"
#include "space/fa/FaWork.h"
#include "space/fa/TimedCore.h"

#include <algorithm>
#include <array>
#include <limits>

namespace ptotune {
namespace {

using fa::Ring;
using fa::Unit;
using fa::Work;

constexpr double kNever = std::numeric_limits<double>::infinity();

// Stages are cut where they wait for the other core: PV and P take a slot in the middle.
enum class Stage : std::uint8_t { begin, qk, pv, pvStore, p, pStore, gu, end };
struct Task {
  Stage stage;
  std::int32_t tile;
  std::int32_t part;
};

class Timing {
public:
  Timing(const Problem& problem, const SocProfile& soc, const Point& point, Depths depths)
      : w_(fa::work(problem, soc, point)), layout_(fa::layout(problem, soc, point)),
        preload_(point.qkPreload()), guFirst_(point.vecOrder() == VecOrder::guFirst),
        unitFlag_(point.unitFlag()), pops_(point.pipeModel() != PipeModel::slot),
        mayBeEmpty_(problem.causal && point.kvSplit() > 1), cube_(w_.issue), vector_(w_.issue) {
    const std::int64_t slots[] = {point.slotNumQK(), point.slotNumP(), point.slotNumPV()};
    Ring* rings[] = {&qk_, &p_, &pv_};
    for (int i = 0; i < 3; ++i) {
      rings[i]->slots = slots[i];
      rings[i]->period = soc.syncPeriod(static_cast<int>(slots[i]));
      rings[i]->open = depths == Depths::open;
    }
    const KernelSpec kernel = KernelSpec::of(problem);
    accCopies_ = static_cast<std::size_t>(fa::shapes(kernel, point, soc).accCopies);
    // Rings of popped tiles that share bytes are held to be apart, which only lowers the bound.
    const std::size_t places = pops_ ? static_cast<std::size_t>(point.localSlotNum()) : 2;
    landing_.assign(places, 0);
    products_.assign(places, 0);
  }

  // Cycles of the whole run; infinite where it stands still.
  double run() {
    for (const std::int64_t tiles : layout_.tiles)
      if (!unit(tiles))
        return kNever;
    return std::max(cube_.end(), vector_.end());
  }

private:
  bool unit(std::int64_t tiles) {
    write(tiles);
    for (Ring* ring : {&qk_, &p_, &pv_})
      ring->reset(tiles);
    std::size_t c = 0, v = 0;
    while (c < cubeTasks_.size() || v < vectorTasks_.size()) {
      const std::size_t before = c + v;
      while (c < cubeTasks_.size() && cubeReady(cubeTasks_[c]))
        runCube(cubeTasks_[c++]);
      while (v < vectorTasks_.size() && vectorReady(vectorTasks_[v]))
        runVector(vectorTasks_[v++]);
      if (c + v == before)
        return false;
    }
    return true;
  }

  // The program order of both cores, as FaSchedule.h tells it.
  void write(std::int64_t tiles) {
    cubeTasks_.assign(1, {Stage::begin, 0, 0});
    vectorTasks_.assign(1, {Stage::begin, 0, 0});
    const auto n = static_cast<std::int32_t>(tiles);
    const std::int32_t ahead = std::min(static_cast<std::int32_t>(preload_), n);
    tiles_ = n;
    ahead_ = ahead;
    // GU of tile 0 stands alone, behind the tiles of P before it.
    lead_ = std::min(static_cast<std::int32_t>(preload_ + (guFirst_ ? 0 : 1)), n);
    const auto factor = static_cast<std::int32_t>(w_.factor);
    const auto p = [&](std::int32_t t) {
      for (std::int32_t part = 0; part < factor; ++part) {
        vectorTasks_.push_back({Stage::p, t, part});
        vectorTasks_.push_back({Stage::pStore, t, part});
      }
    };
    for (std::int32_t t = 0; t < ahead; ++t) {
      for (std::int32_t part = 0; part < factor; ++part)
        cubeTasks_.push_back({Stage::qk, t, part});
      p(t);
    }
    for (std::int32_t t = 0; t < n; ++t) {
      const bool more = t + ahead < n;
      for (std::int32_t part = 0; part < factor; ++part) {
        if (more)
          cubeTasks_.push_back({Stage::qk, t + ahead, part});
        cubeTasks_.push_back({Stage::pv, t, part});
      }
      cubeTasks_.push_back({Stage::pvStore, t, factor - 1});
      if (more && !guFirst_)
        p(t + ahead);
      vectorTasks_.push_back({Stage::gu, t, 0});
      if (more && guFirst_)
        p(t + ahead);
    }
    cubeTasks_.push_back({Stage::end, n, 0});
    vectorTasks_.push_back({Stage::end, n, 0});
  }

  bool cubeReady(const Task& t) const {
    switch (t.stage) {
    case Stage::qk:
      return t.part > 0 || !qk_.blocked(t.tile);
    case Stage::pv:
      return t.part > 0 || p_.has(t.tile);
    case Stage::pvStore:
      return !pv_.blocked(t.tile);
    case Stage::end:
      return drained(qk_, t.tile) && drained(pv_, t.tile);
    default:
      return true;
    }
  }
  bool vectorReady(const Task& t) const {
    switch (t.stage) {
    case Stage::p:
      return t.part > 0 || qk_.has(t.tile);
    case Stage::pStore:
      return t.part > 0 || !p_.blocked(t.tile);
    case Stage::gu:
      return pv_.has(t.tile);
    case Stage::end:
      return drained(p_, t.tile);
    default:
      return true;
    }
  }
  bool drained(const Ring& ring, std::int64_t tiles) const {
    return ring.open || static_cast<std::int64_t>(ring.credits.size()) >= tiles / ring.period;
  }

  void alloc(Unit& unit, Ring& ring, std::int64_t tile) {
    unit.issue(1);
    if (ring.waits(tile))
      unit.wait(ring.credits[ring.taken++]);
  }
  void pop(Unit& unit, const Ring& ring, std::int64_t tile) {
    unit.issue(1);
    unit.wait(ring.dataOf(tile));
  }
  void push(Unit& unit, Pipe pipe, Ring& ring) { ring.data.push_back(unit.send(pipe) + w_.cross); }
  // TFREE signals behind the loads once in a period.
  void release(Unit& unit, Ring& ring, std::int64_t tile) {
    if ((tile + 1) % ring.period == 0)
      ring.credits.push_back(unit.send(Pipe::mte2) + w_.cross);
    else
      unit.issue(1);
  }
  void close(Unit& unit, Ring& ring, std::int64_t tiles) {
    unit.issue(1);
    for (; !ring.open && static_cast<std::int64_t>(ring.taken) < tiles / ring.period; ++ring.taken)
      unit.wait(ring.credits[ring.taken]);
  }

  void runCube(const Task& t) {
    switch (t.stage) {
    case Stage::begin:
      cube_.issue(3);
      query_ = cube_.run(Pipe::mte2, w_.loadQ) + w_.flag;
      return;
    case Stage::qk:
      return scores(t);
    case Stage::pv:
      return product(t);
    case Stage::pvStore:
      return storeProduct(t);
    default:
      close(cube_, pv_, t.tile);
      cube_.issue(1);
      close(cube_, qk_, t.tile);
    }
  }

  // Copies of a buffer are taken in turn, counted anew in each loop: the use `k` of `uses` in an
  // iteration.
  static std::size_t turn(std::int64_t iteration, std::int64_t uses, std::int64_t k,
                          std::size_t copies) {
    return static_cast<std::size_t>(iteration * uses + k) % copies;
  }
  bool cubeSteady(const Task& t) const {
    return t.stage == Stage::qk ? t.tile >= ahead_ : t.tile + ahead_ < tiles_;
  }
  std::int64_t cubeIteration(const Task& t) const {
    return t.stage == Stage::qk && t.tile >= ahead_ ? t.tile - ahead_ : t.tile;
  }
  std::int64_t vectorIteration(const Task& t) const {
    return t.stage != Stage::gu && t.tile >= lead_ ? t.tile - (lead_ - 1) : t.tile;
  }
  double& operand(const Task& t, std::int64_t step) {
    const bool both = cubeSteady(t);
    const bool isScores = t.stage == Stage::qk;
    const std::int64_t uses =
        (isScores || both ? w_.stepsQK : 0) + (!isScores || both ? w_.stepsPV : 0);
    const std::int64_t before = !isScores && both ? w_.stepsQK : 0;
    return operands_[turn(cubeIteration(t), w_.factor * uses, t.part * uses + before + step, 2)];
  }
  // The place in UB where a row slice of scores, or the product, lands: that of its tile where
  // tiles are popped, else the next one.
  double& landing(const Task& t) {
    const bool isScores = t.stage == Stage::p;
    if (pops_)
      return (isScores ? landing_ : products_)[static_cast<std::size_t>(t.tile) % landing_.size()];
    const bool both = isScores ? t.tile >= lead_ : t.tile + lead_ - 1 < tiles_;
    const std::int64_t uses = both ? w_.factor + 1 : isScores ? w_.factor : 1;
    return landing_[turn(vectorIteration(t), uses, isScores ? t.part : both ? w_.factor : 0, 2)];
  }

  // One L0 step: both operands, then the product, which waits for `accumulator` as well. Returns
  // when the product is there; `read` becomes when the operands have been read.
  struct Step {
    double left, right, product; // durations
    double leftReady, rightReady;
  };
  double multiply(const Step& step, double accumulator, double& operands, double& read) {
    cube_.run(Pipe::mte1, step.left, std::max(step.leftReady, operands));
    read = cube_.run(Pipe::mte1, step.right, step.rightReady);
    const double done = cube_.run(Pipe::m, step.product, std::max(read + w_.flag, accumulator));
    operands = done + w_.flag;
    return done;
  }
  double handOver() const { return unitFlag_ ? 0 : w_.flag; }

  void scores(const Task& t) {
    if (t.part == 0 && !pops_)
      alloc(cube_, qk_, t.tile);
    double& key = keys_[turn(cubeIteration(t), w_.factor, t.part, 2)];
    const double loaded = cube_.run(Pipe::mte2, w_.loadK, key) + w_.flag;
    // PV has the last accumulator; QK rotates over the others, before the steady loop over all.
    double& acc = acc_[turn(cubeIteration(t), w_.factor, t.part,
                            cubeSteady(t) ? accCopies_ - 1 : accCopies_)];
    double done = 0, read = 0;
    for (std::int64_t step = 0; step < w_.stepsQK; ++step)
      done = multiply({w_.leftQK, w_.rightQK, w_.multiplyQK, query_, loaded}, step == 0 ? acc : 0,
                      operand(t, step), read);
    key = read + w_.flag;
    if (t.part == 0 && pops_)
      alloc(cube_, qk_, t.tile);
    acc = cube_.run(Pipe::fix, w_.storeQK, done + handOver()) + handOver();
    if (t.part + 1 == w_.factor)
      push(cube_, Pipe::fix, qk_);
  }

  void product(const Task& t) {
    const bool first = t.part == 0;
    const bool last = t.part + 1 == w_.factor;
    double& value = values_[turn(cubeIteration(t), w_.factor, t.part, 2)];
    const double acc = acc_[accCopies_ - 1];
    cube_.run(Pipe::mte2, w_.loadV, value);
    if (first)
      pop(cube_, p_, t.tile);
    const double loaded = cube_.run(Pipe::mte2, w_.loadP, value) + w_.flag;
    if (last)
      release(cube_, p_, t.tile);
    double read = 0;
    for (std::int64_t step = 0; step < w_.stepsPV; ++step)
      product_ = multiply({w_.leftPV, w_.rightPV, w_.multiplyPV, loaded, loaded},
                          first && step == 0 ? acc : 0, operand(t, step), read);
    value = read + w_.flag;
  }

  void storeProduct(const Task& t) {
    alloc(cube_, pv_, t.tile);
    acc_[accCopies_ - 1] = cube_.run(Pipe::fix, w_.storePV, product_ + handOver()) + handOver();
    push(cube_, Pipe::fix, pv_);
  }

  void runVector(const Task& t) {
    switch (t.stage) {
    case Stage::begin:
      vector_.issue(w_.reset > 0 ? 3 : 2);
      vector_.runAll(Pipe::v, 2, w_.resetSums, 0);
      if (w_.reset > 0)
        if (mayBeEmpty_)
          vector_.run(Pipe::v, w_.reset, written_);
      return;
    case Stage::p:
      return softmax(t);
    case Stage::pStore:
      return storeProbabilities(t);
    case Stage::gu:
      return update(t);
    default:
      written_ = vector_.run(Pipe::mte3, w_.storeO, vector_.run(Pipe::v, w_.normalise) + w_.flag) +
                 w_.flag;
      vector_.issue(1);
      close(vector_, p_, t.tile);
      vector_.issue(1);
    }
  }

  void softmax(const Task& t) {
    if (t.part == 0)
      pop(vector_, qk_, t.tile);
    double& in = landing(t);
    const bool gathers = pops_ && w_.factor > 1;
    double loaded = 0;
    // The tiles of a slice land one after the other, and are gathered.
    for (std::int64_t part = 0; gathers && part < w_.factor; ++part) {
      const double arrived = vector_.run(Pipe::mte2, w_.loadPart, in) + w_.flag;
      if (t.part + 1 == w_.factor && part + 1 == w_.factor)
        release(vector_, qk_, t.tile);
      in = vector_.run(Pipe::v, w_.gather, arrived) + w_.flag;
    }
    if (!gathers) {
      loaded = vector_.run(Pipe::mte2, w_.loadS, in) + w_.flag;
      if (t.part + 1 == w_.factor)
        release(vector_, qk_, t.tile);
    }
    vector_.runAll(Pipe::v, 10, w_.softmax, 0, loaded);
    converted_ = vector_.run(Pipe::v, w_.convert, probability(t));
    const double summed = vector_.run(Pipe::v, w_.sum);
    if (!gathers)
      in = summed + w_.flag;
    vector_.run(Pipe::v, w_.addSum);
  }

  double& probability(const Task& t) {
    return probabilities_[turn(vectorIteration(t), w_.factor, t.part, 2)];
  }

  void storeProbabilities(const Task& t) {
    if (t.part == 0)
      alloc(vector_, p_, t.tile);
    probability(t) = vector_.run(Pipe::mte3, w_.storeP, converted_ + w_.flag) + w_.flag;
    if (t.part + 1 == w_.factor)
      push(vector_, Pipe::mte3, p_);
  }

  void update(const Task& t) {
    pop(vector_, pv_, t.tile);
    double& in = landing(t);
    for (std::int64_t part = 0; part < w_.outParts; ++part) {
      const double loaded = vector_.run(Pipe::mte2, w_.loadO, t.tile > 0 ? in : 0) + w_.flag;
      if (part + 1 == w_.outParts)
        release(vector_, pv_, t.tile);
      // The first product is the output.
      if (t.tile == 0) {
        vector_.run(Pipe::v, w_.move, loaded);
        continue;
      }
      vector_.run(Pipe::v, w_.rescale);
      in = vector_.run(Pipe::v, w_.add, loaded) + w_.flag;
    }
  }

  const Work w_;
  const fa::Layout layout_;
  const std::int64_t preload_;
  const bool guFirst_, unitFlag_;
  const bool pops_;       // tiles are popped, and land in a ring of their own
  const bool mayBeEmpty_; // a work unit may have no tile
  std::size_t accCopies_ = 2;
  Unit cube_, vector_;
  Ring qk_, p_, pv_;
  std::vector<Task> cubeTasks_, vectorTasks_;
  std::int32_t tiles_ = 0, ahead_ = 0, lead_ = 0; // of the work unit at hand
  double query_ = 0, written_ = 0;
  double product_ = 0, converted_ = 0; // when the last ones are there
  // When a copy is free again.
  std::array<double, 2> keys_{}, values_{}, operands_{}, probabilities_{};
  std::vector<double> landing_, products_;
  std::array<double, 3> acc_{};
};

} // namespace

double fa::longestPath(const Problem& problem, const SocProfile& soc, const Point& point,
                       Depths depths) {
  return Timing(problem, soc, point, depths).run();
}

} // namespace ptotune
