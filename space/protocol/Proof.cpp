#include "space/protocol/Proof.h"

#include "space/protocol/EventGraph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace ptotune {
namespace {

using Id = EventGraph::Id;

// What is reused `depth` tiles later.
struct Reuse {
  ProtocolFault fault;
  const EventGraph::Accesses& accesses;
  int depth;
  const char* name;
};

// "TALLOC QK tile 3" with the core before it, or around.
class Words {
public:
  explicit Words(const EventGraph& graph) : graph_(graph) {}

  std::string operation(const Event& e) const { return text(graph_.schedule(), e); }
  std::string label(const Event& e) const {
    return fmt::format("{} {}", name(e.core), operation(e));
  }
  std::string label(Id id) const { return label(graph_.event(id)); }
  std::string withStage(Id id) const {
    return fmt::format("{} ({} stage)", label(id), graph_.event(id).stage);
  }

private:
  const EventGraph& graph_;
};

// --- Live ------------------------------------------------------------------------------------

// One line for a held core: what it waits for, and what the other core must get past to give it.
std::string tellWait(const EventGraph& graph, const Event& waiting) {
  const Words words(graph);
  const std::string who =
      fmt::format("{} waits in {}", name(waiting.core), words.operation(waiting));
  const auto signal = graph.awaited(waiting);
  const auto id = signal ? signal->giver() : std::nullopt;
  if (!id)
    return who + " for a signal that nobody gives";
  const Event& giver = graph.event(*id);
  return fmt::format("{} for the {} of tile {}, which {} gives after {}", who,
                     waiting.kind == EventKind::pop ? "data" : "free", giver.tile, name(giver.core),
                     words.operation(graph.held(giver.core)));
}

// From a held operation over the signal that it waits for to what holds that one back.
void drawWait(const EventGraph& graph, const Event& waiting, std::vector<Link>& links) {
  const Words words(graph);
  const auto signal = graph.awaited(waiting);
  const auto id = signal ? signal->giver() : std::nullopt;
  if (!id) {
    links.push_back({words.label(waiting), "waits for", "a signal that nobody gives"});
    return;
  }
  const Event& held = graph.held(graph.event(*id).core);
  links.push_back({words.label(waiting), "waits for", words.label(*id)});
  links.push_back({words.label(*id), "comes after", words.label(held)});
}

ProtocolResult hang(const EventGraph& graph) {
  ProtocolResult result{.fault = ProtocolFault::hang};
  std::vector<std::string> places;
  for (const Core core : {Core::cube, Core::vector}) {
    if (!graph.isHeld(core))
      continue;
    const Event& held = graph.held(core);
    places.push_back(fmt::format("{} in {}", name(core), Words(graph).operation(held)));
    result.witness.push_back(tellWait(graph, held));
    drawWait(graph, held, result.links);
  }
  result.summary = fmt::format("the kernel hangs: {}", fmt::join(places, ", "));
  return result;
}

// --- Safe ------------------------------------------------------------------------------------

ProtocolResult unsafe(const EventGraph& graph, const Reuse& reuse, Id reader, Id writer) {
  const Words words(graph);
  ProtocolResult result{.fault = reuse.fault,
                        .object = reuse.name,
                        .reader = graph.event(reader).tile,
                        .writer = graph.event(writer).tile};
  result.summary =
      fmt::format("{} tile {} may be overwritten by tile {} before it is read ({} deep)",
                  result.object, result.reader, result.writer, reuse.depth);
  result.witness = {fmt::format("overwrites: {}", words.withStage(writer)),
                    fmt::format("still reads: {}", words.withStage(reader)),
                    fmt::format("missing: an order from the second to the first; both use entry {}",
                                result.writer % reuse.depth)};
  result.links = {{words.label(writer), "should come after", words.label(reader), true}};
  return result;
}

// The last reader of tile i against the first writer of tile i + depth; the others of either side
// follow by the order of their pipe.
ProtocolResult findUnsafe(const EventGraph& graph, const Reuse& reuse) {
  for (const Id writer : reuse.accesses.writes) {
    const std::int32_t old = graph.event(writer).tile - reuse.depth;
    const Id reader = old < 0 ? -1 : reuse.accesses.lastRead[static_cast<std::size_t>(old)];
    if (reader >= 0 && !graph.precedes(reader, writer))
      return unsafe(graph, reuse, reader, writer);
  }
  return {};
}

ProtocolResult findUnsafeSlot(const EventGraph& graph) {
  const std::vector<Fifo>& fifos = graph.schedule().fifos;
  for (std::size_t f = 0; f < fifos.size(); ++f) {
    auto result =
        findUnsafe(graph, {ProtocolFault::slot, graph.slots()[f], fifos[f].slots, fifos[f].name});
    if (result.fault != ProtocolFault::none)
      return result;
  }
  return {};
}

ProtocolResult findUnsafeRing(const EventGraph& graph) {
  const std::vector<LocalRing>& rings = graph.schedule().rings;
  for (std::size_t r = 0; r < rings.size(); ++r) {
    auto result =
        findUnsafe(graph, {ProtocolFault::ring, graph.rings()[r], rings[r].depth, rings[r].name});
    if (result.fault != ProtocolFault::none)
      return result;
  }
  return {};
}

// --- In range --------------------------------------------------------------------------------

// The most signals that can be pending on a flag when signal number i is given: i + 1 less the
// waits that certainly came before.
ProtocolResult findCounterOverflow(const EventGraph& graph, int counterMax) {
  for (std::size_t f = 0; f < graph.flags().size(); ++f) {
    const EventGraph::Flags& flags = graph.flags()[f];
    const std::pair<const std::vector<Id>&, const std::vector<Id>&> both[] = {
        {flags.pushes, flags.pops}, {flags.credits, flags.allocs}};
    for (const auto& [signals, takers] : both) {
      std::size_t before = 0;
      for (std::size_t i = 0; i < signals.size(); ++i) {
        while (before < takers.size() && graph.precedes(takers[before], signals[i]))
          ++before;
        const auto pending = static_cast<std::int64_t>(i + 1 - std::min(before, i + 1));
        if (pending <= counterMax)
          continue;
        ProtocolResult result{.fault = ProtocolFault::counter, .operand = pending};
        result.summary = fmt::format("an FFTS counter of {} can reach {} of {}",
                                     graph.schedule().fifos[f].name, pending, counterMax);
        result.witness = {fmt::format("signals: {}", Words(graph).withStage(signals[i]))};
        return result;
      }
    }
  }
  return {};
}

} // namespace

ProtocolProof analyseAll(const Schedule& schedule, int counterMax) {
  EventGraph graph(schedule);
  if (!graph.run())
    return {.faults = {hang(graph)}, .longerToo = true};
  ProtocolProof proof{.faults = {}, .longerToo = graph.recurs()};
  for (ProtocolResult result : std::array{findUnsafeSlot(graph), findUnsafeRing(graph),
                                          findCounterOverflow(graph, counterMax)})
    if (result.fault != ProtocolFault::none)
      proof.faults.push_back(std::move(result));
  return proof;
}

ProtocolResult analyse(const Schedule& schedule, int counterMax) {
  const auto faults = analyseAll(schedule, counterMax).faults;
  return faults.empty() ? ProtocolResult() : faults.front();
}

} // namespace ptotune
