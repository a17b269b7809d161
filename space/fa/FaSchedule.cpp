#include "space/fa/FaSchedule.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

namespace ptotune::fa {
namespace {

// Iteration t of the steady loop has QK and P of tile t + preload, PV and GU of tile t.
//
// TALLOC of tile i takes the credit that TFREE of tile i - reach gives, where reach is the first
// tile that waits less the first that signals; both are iteration i, or i - preload.
SteadyLoop steadyLoop(const ProtocolStructure& s) {
  SteadyLoop loop;
  std::int32_t furthest = std::max(s.preload, s.expRing);
  std::int32_t nearest = s.expRing;
  std::int32_t slots = 0;
  for (int f = 0; f < 3; ++f) {
    const Fifo fifo{.slots = s.slots[f], .syncPeriod = s.periods[f]};
    const std::int32_t reach = fifo.firstWait() - (fifo.syncPeriod - 1);
    loop.period = std::lcm(loop.period, fifo.syncPeriod);
    furthest = std::max({furthest, fifo.slots, reach});
    slots = std::max(slots, fifo.slots);
    // P goes from iteration i - preload of the vector cores to iteration i of the cube core.
    if (f == kFifoP)
      nearest = std::min({nearest, fifo.slots, reach});
  }
  // Reuse begins behind the first round of a ring; tile 0's factor is never read.
  loop.regular = std::max({slots, s.expRing + 1 - s.preload, 2});
  loop.back = furthest + 1;
  loop.ahead = std::max(s.preload - nearest, 0) + 1;
  return loop;
}

// Writes the stages' events down in program order.
class Writer {
public:
  explicit Writer(const ProtocolStructure& structure) : s_(structure) {
    out_.tiles = s_.tiles;
    constexpr const char* names[] = {"QK", "P", "PV"};
    for (int f = 0; f < 3; ++f)
      out_.fifos.push_back(
          {names[f], f == kFifoP ? Core::vector : Core::cube, s_.slots[f], s_.periods[f]});
    out_.rings.push_back({"rescale factor", s_.expRing});
  }

  Schedule write() {
    const std::int32_t preload = std::min(s_.preload, s_.tiles);
    for (std::int32_t t = 0; t < preload; ++t) {
      for (int sub = 0; sub < subtiles(); ++sub)
        qk(t, sub);
      p(t);
    }
    out_.loop = steadyLoop(s_);
    for (std::int32_t t = 0; t < s_.tiles; ++t) {
      const bool more = t + preload < s_.tiles;
      if (t + preload <= s_.tiles)
        beginIteration();
      for (int sub = 0; sub < subtiles(); ++sub) {
        if (more)
          qk(t + preload, sub);
        pv(t, sub);
      }
      if (more && !s_.guFirst)
        p(t + preload);
      gu(t);
      if (more && s_.guFirst)
        p(t + preload);
    }
    // Pipes are destroyed in reverse order of construction.
    add(Core::cube, Pipe::s, EventKind::close, kFifoPV, 0, "PV");
    add(Core::vector, Pipe::s, EventKind::close, kFifoP, 0, "P");
    add(Core::cube, Pipe::s, EventKind::close, kFifoQK, 0, "QK");
    return std::move(out_);
  }

private:
  void beginIteration() {
    for (std::size_t core = 0; core < out_.order.size(); ++core)
      out_.loop.begins[core].push_back(static_cast<std::int32_t>(out_.order[core].size()));
  }

  // Only the first and the last subtile of a tile meet the protocol.
  int subtiles() const { return s_.manySubtiles ? 2 : 1; }
  bool isLast(int sub) const { return sub + 1 == subtiles(); }

  std::int32_t add(Core core, Pipe pipe, EventKind kind, std::int32_t object, std::int32_t tile,
                   const char* stage, std::int32_t need = -1) {
    auto& order = out_.order[static_cast<std::size_t>(core)];
    order.push_back({core, pipe, kind, object, tile, stage, {need, -1}});
    return static_cast<std::int32_t>(order.size()) - 1;
  }

  void qk(std::int32_t t, int sub) {
    if (sub == 0)
      add(Core::cube, Pipe::s, EventKind::alloc, kFifoQK, t, "QK");
    add(Core::cube, Pipe::fix, EventKind::store, kFifoQK, t, "QK");
    if (isLast(sub))
      add(Core::cube, Pipe::fix, EventKind::push, kFifoQK, t, "QK");
  }

  void pv(std::int32_t t, int sub) {
    if (sub == 0)
      add(Core::cube, Pipe::s, EventKind::pop, kFifoP, t, "PV");
    const auto load = add(Core::cube, Pipe::mte2, EventKind::load, kFifoP, t, "PV");
    if (!isLast(sub))
      return;
    add(Core::cube, Pipe::mte2, EventKind::free, kFifoP, t, "PV");
    add(Core::cube, Pipe::s, EventKind::alloc, kFifoPV, t, "PV");
    add(Core::cube, Pipe::fix, EventKind::store, kFifoPV, t, "PV", load);
    add(Core::cube, Pipe::fix, EventKind::push, kFifoPV, t, "PV");
  }

  // Row slices: each loads, computes and stores; the pop stands before the first, the slot of P is
  // taken after the first slice's softmax.
  void p(std::int32_t t) {
    add(Core::vector, Pipe::s, EventKind::pop, kFifoQK, t, "P");
    for (int slice = 0; slice < subtiles(); ++slice) {
      const auto load = add(Core::vector, Pipe::mte2, EventKind::load, kFifoQK, t, "P");
      if (isLast(slice))
        add(Core::vector, Pipe::mte2, EventKind::free, kFifoQK, t, "P");
      const auto factor = add(Core::vector, Pipe::v, EventKind::write, 0, t, "P", load);
      if (slice == 0)
        add(Core::vector, Pipe::s, EventKind::alloc, kFifoP, t, "P");
      add(Core::vector, Pipe::mte3, EventKind::store, kFifoP, t, "P", factor);
    }
    add(Core::vector, Pipe::mte3, EventKind::push, kFifoP, t, "P");
  }

  void gu(std::int32_t t) {
    add(Core::vector, Pipe::s, EventKind::pop, kFifoPV, t, "GU");
    auto load = add(Core::vector, Pipe::mte2, EventKind::load, kFifoPV, t, "GU");
    // Parts of a product land in one place: each is used before the next one comes.
    if (s_.partsOfProduct) {
      if (t > 0)
        add(Core::vector, Pipe::v, EventKind::read, 0, t, "GU", load);
      load = add(Core::vector, Pipe::mte2, EventKind::load, kFifoPV, t, "GU");
    }
    add(Core::vector, Pipe::mte2, EventKind::free, kFifoPV, t, "GU");
    if (t > 0)
      add(Core::vector, Pipe::v, EventKind::read, 0, t, "GU", load);
  }

  const ProtocolStructure& s_;
  Schedule out_;
};

// How far key loops are unrolled.
class Unrolling {
public:
  Unrolling(const ProtocolStructure& s, Loops loops)
      : period_(steadyLoop(s).period), cover_(s.cover()), whole_(loops == Loops::whole) {}

  std::int32_t tilesOf(std::int64_t length) const {
    return static_cast<std::int32_t>(
        whole_ || length < cover_ + period_ ? length : cover_ + (length - cover_) % period_);
  }

private:
  std::int64_t period_;
  std::int64_t cover_;
  bool whole_;
};

std::int64_t ceilDiv(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

// Tiles of all key loops of the point's work units that have any, ascending.
std::set<std::int64_t> loopLengths(const Problem& problem, const Point& point) {
  if (!problem.causal)
    return {tiles(problem, point)};
  std::set<std::int64_t> lengths;
  for (std::int64_t block = 0; block < problem.s0 / point.cubeS0(); ++block)
    for (std::int64_t part = 0; part < point.kvSplit(); ++part)
      lengths.insert(unitTiles(blockTiles(problem, point, block), point.kvSplit(), part));
  lengths.erase(0);
  return lengths;
}

} // namespace

std::int64_t blockTiles(const Problem& problem, const Point& point, std::int64_t block) {
  const std::int64_t all = problem.s1 / point.tileS1();
  return problem.causal ? std::min(all, ceilDiv((block + 1) * point.cubeS0(), point.tileS1()))
                        : all;
}

std::int64_t unitTiles(std::int64_t blockTiles, std::int64_t parts, std::int64_t part) {
  return (part + 1) * blockTiles / parts - part * blockTiles / parts;
}

std::int64_t tiles(const Problem& problem, const Point& point) {
  const std::int64_t lastBlock = problem.s0 / point.cubeS0() - 1;
  return ceilDiv(blockTiles(problem, point, lastBlock), point.kvSplit());
}

// The clocks of two stretches of the steady loop are compared, `period` apart and both regular.
// They settle within about one more round of the rings.
std::int32_t ProtocolStructure::cover() const {
  const SteadyLoop loop = steadyLoop(*this);
  const std::int32_t settling = std::max(loop.period, loop.regular);
  return preload + loop.regular + settling + loop.period + loop.back + 2 * loop.ahead;
}

ProtocolStructure protocolStructure(const Problem& problem, const Point& point,
                                    const SocProfile& soc, Loops loops) {
  ProtocolStructure s;
  s.preload = static_cast<std::int32_t>(point.qkPreload());
  const std::int64_t depths[] = {point.slotNumQK(), point.slotNumP(), point.slotNumPV()};
  for (int f = 0; f < 3; ++f) {
    s.slots[f] = static_cast<std::int32_t>(depths[f]);
    s.periods[f] = soc.syncPeriod(s.slots[f]);
  }
  s.expRing = static_cast<std::int32_t>(point.expRing());
  s.manySubtiles = point.kTileFactor() > 1;
  s.partsOfProduct = s.manySubtiles && point.pipeModel() == PipeModel::tileOffset;
  s.guFirst = point.vecOrder() == VecOrder::guFirst;
  const Unrolling unrolling(s, loops);
  if (!problem.causal) {
    s.tiles = unrolling.tilesOf(tiles(problem, point));
    return s;
  }
  std::set<std::int32_t> counts;
  for (const std::int64_t length : loopLengths(problem, point))
    counts.insert(unrolling.tilesOf(length));
  s.tiles = counts.empty() ? 0 : *counts.rbegin();
  s.shorter.assign(counts.begin(), counts.end());
  s.shorter.resize(counts.empty() ? 0 : counts.size() - 1);
  return s;
}

Schedule schedule(const ProtocolStructure& structure) {
  return Writer(structure).write();
}

ProtocolProof analyse(const ProtocolStructure& structure, int counterMax) {
  std::vector<std::int32_t> counts = structure.shorter;
  counts.push_back(structure.tiles);
  const std::int32_t cover = structure.cover();
  ProtocolStructure one = structure;
  one.shorter.clear();
  ProtocolProof all{.faults = {}, .longerToo = true};
  for (const std::int32_t count : counts) {
    one.tiles = count;
    ProtocolProof proof = analyseAll(schedule(one), counterMax);
    all.longerToo &= proof.longerToo || count < cover;
    for (ProtocolResult& fault : proof.faults)
      if (std::ranges::find(all.faults, fault.fault, &ProtocolResult::fault) == all.faults.end()) {
        fault.tiles = count;
        all.faults.push_back(std::move(fault));
      }
  }
  // A kernel that hangs has nothing to say about the rest.
  if (const auto hang = std::ranges::find(all.faults, ProtocolFault::hang, &ProtocolResult::fault);
      hang != all.faults.end())
    all.faults = {std::move(*hang)};
  return all;
}

ProtocolResult inKernel(const ProtocolResult& fault, const Problem& problem, const Point& point,
                        const SocProfile& soc) {
  ProtocolStructure loop = protocolStructure(problem, point, soc);
  const Unrolling unrolling(loop, Loops::unrolled);
  const auto lengths = loopLengths(problem, point);
  const auto shortest = std::ranges::find_if(lengths, [&](std::int64_t length) {
    return length == fault.tiles || unrolling.tilesOf(length) == fault.tiles;
  });
  if (shortest == lengths.end() || *shortest == fault.tiles)
    return fault;
  loop.tiles = static_cast<std::int32_t>(*shortest);
  loop.shorter.clear();
  for (ProtocolResult& whole : analyse(loop, soc.fftsCounterMax).faults)
    if (whole.fault == fault.fault)
      return std::move(whole);
  return fault;
}

} // namespace ptotune::fa
