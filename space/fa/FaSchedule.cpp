#include "space/fa/FaSchedule.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

namespace ptotune::fa {
namespace {

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
    for (std::int32_t t = 0; t < s_.tiles; ++t) {
      const bool more = t + preload < s_.tiles;
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

std::int64_t ceilDiv(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
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

ProtocolStructure protocolStructure(const Problem& problem, const Point& point,
                                    const SocProfile& soc) {
  ProtocolStructure s;
  s.preload = static_cast<std::int32_t>(point.qkPreload());
  const std::int64_t depths[] = {point.slotNumQK(), point.slotNumP(), point.slotNumPV()};
  std::int64_t period = 1;
  std::int64_t deepest = point.expRing();
  for (int f = 0; f < 3; ++f) {
    s.slots[f] = static_cast<std::int32_t>(depths[f]);
    s.periods[f] = soc.syncPeriod(s.slots[f]);
    period = std::lcm(period, static_cast<std::int64_t>(s.periods[f]));
    deepest = std::max(deepest, depths[f]);
  }
  s.expRing = static_cast<std::int32_t>(point.expRing());
  s.manySubtiles = point.kTileFactor() > 1;
  s.partsOfProduct = s.manySubtiles && point.pipeModel() == PipeModel::tileOffset;
  s.guFirst = point.vecOrder() == VecOrder::guFirst;
  // The schedule repeats itself tile by tile and the protocol every `period` tiles, so a run that
  // covers the prologue, every ring wrap and two periods decides each longer one that ends at the
  // same place of the period.
  const std::int64_t cover = s.preload + deepest + 2 * period;
  const auto unrolled = [&](std::int64_t all) {
    return static_cast<std::int32_t>(all <= cover + period ? all : cover + (all - cover) % period);
  };
  if (!problem.causal) {
    s.tiles = unrolled(tiles(problem, point));
    return s;
  }
  std::set<std::int32_t> counts;
  for (std::int64_t block = 0; block < problem.s0 / point.cubeS0(); ++block)
    for (std::int64_t part = 0; part < point.kvSplit(); ++part)
      counts.insert(unrolled(unitTiles(blockTiles(problem, point, block), point.kvSplit(), part)));
  counts.erase(0);
  s.tiles = counts.empty() ? 0 : *counts.rbegin();
  s.shorter.assign(counts.begin(), counts.end());
  s.shorter.resize(counts.empty() ? 0 : counts.size() - 1);
  return s;
}

Schedule schedule(const ProtocolStructure& structure) {
  return Writer(structure).write();
}

std::vector<ProtocolResult> analyse(const ProtocolStructure& structure, int counterMax) {
  std::vector<std::int32_t> counts = structure.shorter;
  counts.push_back(structure.tiles);
  ProtocolStructure one = structure;
  one.shorter.clear();
  std::vector<ProtocolResult> faults;
  for (const std::int32_t count : counts) {
    one.tiles = count;
    for (ProtocolResult& fault : analyseAll(schedule(one), counterMax))
      if (std::ranges::find(faults, fault.fault, &ProtocolResult::fault) == faults.end())
        faults.push_back(std::move(fault));
  }
  // A kernel that hangs has nothing to say about the rest.
  if (const auto hang = std::ranges::find(faults, ProtocolFault::hang, &ProtocolResult::fault);
      hang != faults.end())
    faults = {std::move(*hang)};
  return faults;
}

} // namespace ptotune::fa
