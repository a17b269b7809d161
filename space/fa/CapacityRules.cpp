#include "space/fa/Buffers.h"
#include "space/fa/FaRules.h"
#include "space/fa/FaSchedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>
#include <span>
#include <unordered_map>

namespace ptotune::fa {
namespace {

// Parameters that the buffer table and its event ids follow from: all that any rule on them reads.
constexpr Param kTableReads[] = {Param::tileS1,       Param::cubeS1,   Param::cubeS0,
                                 Param::localSlotNum, Param::unitFlag, Param::pipeModel,
                                 Param::expRing,      Param::kvSplit};

// What to lower so that a memory suffices: the parameters of which one alone can do it, else all
// that take part.
std::string advice(const RuleContext& c, Memory memory) {
  struct Lowered {
    Param param;
    std::int64_t least;
  };
  const Lowered sizes[] = {{Param::cubeS0, c.soc.fractal},
                           {Param::cubeS1, c.soc.fractal},
                           {Param::expRing, 1},
                           {Param::localSlotNum, 1}};
  const auto used = [&](const Point& point) {
    return place(buffers(KernelSpec::of(c.problem), point, c.soc), c.soc)
        .used[static_cast<std::size_t>(memory)];
  };
  const std::int64_t usable = c.soc.limit(memory).usable;
  const std::int64_t now = used(c.point);
  std::string sufficient;
  std::string taking;
  for (const auto& [param, least] : sizes) {
    Point point = c.point;
    std::int64_t needed = now;
    while (needed > usable && point[param] / 2 >= least) {
      point.set(param, point[param] / 2);
      needed = used(point);
    }
    if (needed <= usable)
      sufficient += fmt::format("{}{}", sufficient.empty() ? "" : " or ", info(param).name);
    if (needed < now)
      taking += fmt::format("{}{}", taking.empty() ? "" : " and ", info(param).name);
  }
  if (taking.empty())
    return "no parameter lowers it: the head is too large for this kernel";
  return "lower " + (sufficient.empty() ? taking : sufficient);
}

// What the yes-or-no rules ask of a buffer table.
struct Needs {
  std::array<std::int64_t, kMemoryCount> used{};
  std::int64_t ids = 0; // of the pipe pair that takes most event ids
};
Needs computeNeeds(const RuleContext& c);

// What a point needs follows from few of its parameters, so it is worked out once for each of their
// values; every thread has its own memory of it.
const Needs& needsOf(const RuleContext& c) {
  using Key = std::array<std::int64_t, std::size(kTableReads)>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      std::size_t hash = 0;
      for (const std::int64_t value : key)
        hash = (hash ^ static_cast<std::size_t>(value)) * 0x9e3779b97f4a7c15; // 2^64 / golden ratio
      return hash ^ (hash >> 32);
    }
  };
  struct Memo {
    KernelSpec kernel;
    Hash soc;
    std::unordered_map<Key, Needs, KeyHash> needs;
  };
  constexpr std::size_t kMost = 1 << 17;
  static thread_local Memo memo;
  const KernelSpec kernel = KernelSpec::of(c.problem);
  if (memo.soc != c.soc.hash || memo.kernel != kernel || memo.needs.size() >= kMost)
    memo = {kernel, c.soc.hash, {}};
  Key key;
  std::ranges::transform(kTableReads, key.begin(), [&](Param param) { return c.point[param]; });
  const auto [found, isNew] = memo.needs.try_emplace(key);
  if (isNew)
    found->second = computeNeeds(c);
  return found->second;
}

bool fits(const RuleContext& c, Memory memory) {
  return needsOf(c).used[static_cast<std::size_t>(memory)] <= c.soc.limit(memory).usable;
}

void explainMemory(const RuleContext& c, Explanation& explanation, Memory memory,
                   const char* rule) {
  const Placement placement = place(buffers(KernelSpec::of(c.problem), c.point, c.soc), c.soc);
  const MemoryLimit& limit = c.soc.limit(memory);
  const std::int64_t used = placement.used[static_cast<std::size_t>(memory)];
  const bool holds = used <= limit.usable;
  Finding finding{.rule = rule,
                  .text =
                      fmt::format("{} needs {} B of {} B{}", name(memory), used, limit.usable,
                                  limit.usable < limit.bytes
                                      ? fmt::format(" (safe cap; the memory has {} B)", limit.bytes)
                                      : ""),
                  .operands = {{"used", used}},
                  .limit = limit.usable,
                  .advice = holds ? "" : advice(c, memory)};
  for (const PlacedBuffer& placed : placement.buffers)
    if (placed.buffer.memory == memory)
      finding.details.push_back(fmt::format("{:<10} {:>8} B x {} at {:#x}  {}", placed.buffer.name,
                                            placed.buffer.bytes, placed.buffer.copies,
                                            placed.address, placed.buffer.why));
  (holds ? explanation.facts : explanation.rejections).push_back(std::move(finding));
}

template <Memory memory> bool memoryHolds(const RuleContext& c) {
  return fits(c, memory);
}

template <Memory memory> constexpr const char* capacityRule() {
  constexpr const char* ids[] = {"capacity.gm",  "capacity.ub",  "capacity.l1",
                                 "capacity.l0a", "capacity.l0b", "capacity.l0c"};
  return ids[static_cast<std::size_t>(memory)];
}

template <Memory memory> void memoryExplain(const RuleContext& c, Explanation& explanation) {
  explainMemory(c, explanation, memory, capacityRule<memory>());
}

std::int64_t activeCores(const RuleContext& c) {
  const std::int64_t units = c.problem.s0 / c.point.cubeS0() * c.point.kvSplit();
  return std::min<std::int64_t>(c.soc.cubeCores, units);
}

std::int64_t workspaceOf(const RuleContext& c) {
  return activeCores(c) * workspaceBytes(KernelSpec::of(c.problem), c.point) +
         partialBytes(c.problem, c.point);
}

bool workspaceHolds(const RuleContext& c) {
  return workspaceOf(c) <= c.soc.limit(Memory::gm).usable;
}

void explainWorkspace(const RuleContext& c, Explanation& explanation) {
  const KernelSpec kernel = KernelSpec::of(c.problem);
  const SlotBytes slot = slotBytes(kernel, c.point);
  const std::int64_t one = workspaceBytes(kernel, c.point);
  const std::int64_t limit = c.soc.limit(Memory::gm).usable;
  const bool holds = workspaceHolds(c);
  const std::int64_t partial = partialBytes(c.problem, c.point);
  Finding finding{.rule = "capacity.gm",
                  .text = fmt::format(
                      "the rings need {} B on {} cores{}, of {} B of workspace",
                      one * activeCores(c), activeCores(c),
                      partial == 0 ? "" : fmt::format(", partial results {} B", partial), limit),
                  .operands = {{"perCore", one}, {"cores", activeCores(c)}, {"partial", partial}},
                  .limit = limit,
                  .advice = holds ? "" : "lower SlotNum, TILE_S1 or CUBE_S0"};
  finding.details = {
      fmt::format("{:<10} {:>8} B x {}  CUBE_S0 x TILE_S1 f32", "QK", slot.qk, c.point.slotNumQK()),
      fmt::format("{:<10} {:>8} B x {}  CUBE_S0 x TILE_S1 f16", "P", slot.p, c.point.slotNumP()),
      fmt::format("{:<10} {:>8} B x {}  CUBE_S0 x head f32", "PV", slot.pv, c.point.slotNumPV())};
  (holds ? explanation.facts : explanation.rejections).push_back(std::move(finding));
}

// Event ids for buffers of so many copies: one id a copy. Where there are too few, the copies of
// the largest buffer share ids, as long as two are left to alternate (codegen/passes/sync).
std::int64_t sharedIds(std::vector<std::int64_t> copies, std::int64_t limit) {
  while (true) {
    const std::int64_t sum = std::accumulate(copies.begin(), copies.end(), std::int64_t{0});
    const auto most = std::ranges::max_element(copies);
    if (sum <= limit || *most < 4 || *most % 2 != 0)
      return sum;
    *most /= 2;
  }
}

// Event ids of every pipe pair, by its source and target.
using PairIds = std::array<std::array<std::int64_t, kPipeCount>, kPipeCount>;

PairIds eventIds(const RuleContext& c, std::span<const Buffer> table) {
  std::array<std::array<std::vector<std::int64_t>, kPipeCount>, kPipeCount> used;
  const LandingRings rings = landingRings(KernelSpec::of(c.problem), c.point, c.soc);
  const bool popsTiles = c.point.pipeModel() != PipeModel::slot;
  for (const Buffer& buffer : table) {
    // A landing ring is one buffer of the table, with a place for every local slot.
    std::int64_t copies = buffer.copies;
    if (popsTiles && buffer.name == kProbL1)
      copies = rings.p.copies;
    else if (popsTiles && buffer.name == kVecIn)
      copies = rings.shared ? rings.sharedCopies() : rings.qk.copies;
    else if (buffer.name == kProductIn)
      copies = rings.pv.copies;
    const auto between = [&](Pipe writer, Pipe reader) {
      used[static_cast<std::size_t>(writer)][static_cast<std::size_t>(reader)].push_back(copies);
      used[static_cast<std::size_t>(reader)][static_cast<std::size_t>(writer)].push_back(copies);
    };
    switch (buffer.memory) {
    case Memory::l1:
      between(Pipe::mte2, Pipe::mte1);
      break;
    case Memory::l0a:
    case Memory::l0b:
      between(Pipe::mte1, Pipe::m);
      break;
    case Memory::l0c:
      if (!c.point.unitFlag())
        between(Pipe::m, Pipe::fix);
      break;
    default:
      if (buffer.name == kVecIn || buffer.name == kProductIn)
        between(Pipe::mte2, Pipe::v);
      else if (buffer.name == kProb || buffer.name == kOut ||
               (c.point.kvSplit() > 1 && (buffer.name == kRowMax || buffer.name == kRowSum)))
        between(Pipe::v, Pipe::mte3);
    }
  }
  PairIds ids{};
  for (std::size_t source = 0; source < kPipeCount; ++source)
    for (std::size_t target = 0; target < kPipeCount; ++target)
      if (!used[source][target].empty())
        ids[source][target] = sharedIds(std::move(used[source][target]), c.soc.eventIdsPerPipePair);
  return ids;
}

Needs computeNeeds(const RuleContext& c) {
  const std::vector<Buffer> table = buffers(KernelSpec::of(c.problem), c.point, c.soc);
  Needs needs;
  needs.used = place(table, c.soc).used;
  for (const auto& targets : eventIds(c, table))
    needs.ids = std::max(needs.ids, *std::ranges::max_element(targets));
  return needs;
}

bool eventsHold(const RuleContext& c) {
  return needsOf(c).ids <= c.soc.eventIdsPerPipePair;
}

void explainEvents(const RuleContext& c, Explanation& explanation) {
  const PairIds ids = eventIds(c, buffers(KernelSpec::of(c.problem), c.point, c.soc));
  const auto pairOf = [](std::size_t i) {
    return std::pair(static_cast<Pipe>(i / kPipeCount), static_cast<Pipe>(i % kPipeCount));
  };
  Finding finding{.rule = "resource.events", .limit = c.soc.eventIdsPerPipePair};
  std::int64_t most = 0;
  for (std::size_t i = 0; i < kPipeCount * kPipeCount; ++i) {
    const std::int64_t count = ids[i / kPipeCount][i % kPipeCount];
    if (count == 0)
      continue;
    const auto [source, target] = pairOf(i);
    finding.details.push_back(fmt::format("{:<9} -> {:<9} {}", name(source), name(target), count));
    if (count <= most)
      continue;
    most = count;
    finding.text = fmt::format("{} -> {} needs {} of {} event ids", name(source), name(target),
                               count, c.soc.eventIdsPerPipePair);
  }
  finding.operands = {{"ids", most}};
  const bool holds = eventsHold(c);
  finding.advice = holds ? "" : "lower the number of buffer copies";
  (holds ? explanation.facts : explanation.rejections).push_back(std::move(finding));
}

// Three one-way pipes with two flags each.
constexpr std::int64_t kFlags = 6;

bool flagsHold(const RuleContext& c) {
  return kFlags <= std::min(c.soc.fftsFlags, c.soc.fftsFirstReserved);
}

void explainFlags(const RuleContext& c, Explanation& explanation) {
  (flagsHold(c) ? explanation.facts : explanation.rejections)
      .push_back({.rule = "resource.ffts",
                  .text = fmt::format("QK, P and PV take {} FFTS flags; ids from {} on are the "
                                      "library's",
                                      kFlags, c.soc.fftsFirstReserved),
                  .operands = {{"flags", kFlags}},
                  .limit = c.soc.fftsFirstReserved});
}

} // namespace

std::span<const Rule> capacityRules() {
  using enum LimitOf;
  static const std::vector<Param> cube = {Param::tileS1, Param::cubeS1, Param::cubeS0};
  static const std::vector<Param> ub = {Param::tileS1,      Param::cubeS1,  Param::cubeS0,
                                        Param::expRing,     Param::kvSplit, Param::pipeModel,
                                        Param::localSlotNum};
  static const std::vector<Param> l1 = {Param::tileS1, Param::cubeS1, Param::cubeS0,
                                        Param::pipeModel, Param::localSlotNum};
  static const Rule all[] = {
      {"capacity.l0c", "accumulators fit L0C", "configs/soc", hardware, cube,
       memoryHolds<Memory::l0c>, memoryExplain<Memory::l0c>},
      {"capacity.l0a", "left operands fit L0A", "configs/soc", hardware, cube,
       memoryHolds<Memory::l0a>, memoryExplain<Memory::l0a>},
      {"capacity.l0b", "right operands fit L0B", "configs/soc", hardware, cube,
       memoryHolds<Memory::l0b>, memoryExplain<Memory::l0b>},
      {"capacity.l1", "cube buffers fit L1", "configs/soc", hardware, l1, memoryHolds<Memory::l1>,
       memoryExplain<Memory::l1>},
      {"capacity.ub", "vector buffers fit UB", "configs/soc", hardware, ub, memoryHolds<Memory::ub>,
       memoryExplain<Memory::ub>},
      {"capacity.gm",
       "the rings of all cores and partial results fit the workspace",
       "configs/soc",
       hardware,
       {Param::tileS1, Param::cubeS0, Param::slotNumQK, Param::slotNumP, Param::slotNumPV,
        Param::kvSplit},
       workspaceHolds,
       explainWorkspace},
      {"resource.events",
       "event ids suffice for every pipe pair",
       "PTOAS SyncEventIdAllocation.h:25 (e32488c9)",
       hardware,
       {Param::tileS1, Param::cubeS1, Param::cubeS0, Param::unitFlag, Param::expRing,
        Param::kvSplit, Param::pipeModel, Param::localSlotNum},
       eventsHold,
       explainEvents},
      {"resource.ffts",
       "FFTS flags suffice",
       "pto-isa TPush.hpp:43-44 (3186c381)",
       hardware,
       {},
       flagsHold,
       explainFlags},
  };
  return all;
}

} // namespace ptotune::fa
