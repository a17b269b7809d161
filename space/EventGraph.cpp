#include "space/EventGraph.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace ptotune {
namespace {

constexpr std::size_t kChains = 2 * kPipeCount;
using Clock = std::array<std::int32_t, kChains>;

std::size_t chainOf(Core core, Pipe pipe) {
  return static_cast<std::size_t>(core) * kPipeCount + static_cast<std::size_t>(pipe);
}

void join(Clock& clock, const Clock& earlier) {
  for (std::size_t c = 0; c < kChains; ++c)
    clock[c] = std::max(clock[c], earlier[c]);
}

// Goes through the graph in an order of its arcs, without storing them: on one core every arc leads
// forward in program order, so each core is followed until it waits for a signal of the other one.
// Where neither can go on, there is a cycle, or a wait without a signal.
class EventGraph {
public:
  explicit EventGraph(const Schedule& schedule);

  // Fills the clocks of all that is executed; false where a core stands.
  bool run();

  // After a run that stands: told where the cores do.
  ProtocolResult hang() const;
  // After one that does not.
  ProtocolResult findUnsafeSlot() const;
  ProtocolResult findUnsafeRing() const;
  ProtocolResult findCounterOverflow(int counterMax) const;
  // Whether around the end of the steady part all clocks are those of a period before, shifted.
  bool recurs() const;

private:
  using Id = std::int32_t; // of an event: the cube's in program order, then the vector's

  struct Flags {
    std::vector<Id> pushes, pops;    // in program order
    std::vector<Id> credits, allocs; // frees that signal, TALLOCs that wait
  };

  // The accesses to a FIFO or a local ring, in program order.
  struct Accesses {
    std::vector<Id> lastRead; // by tile; -1: none
    std::vector<Id> writes;
  };

  // What is reused `depth` tiles later.
  struct Reuse {
    ProtocolFault fault;
    const Accesses& accesses;
    int depth;
    const char* name;
  };

  // A signal by its flag and number.
  struct Signal {
    const std::vector<Id>& given; // what gives it, in order
    std::size_t number = 0;
  };

  const std::vector<Event>& order(Core core) const {
    return schedule_.order[static_cast<std::size_t>(core)];
  }
  Id firstOf(Core core) const {
    return core == Core::cube ? 0 : static_cast<Id>(order(Core::cube).size());
  }
  const Event& event(Id id) const {
    const Id vector = firstOf(Core::vector);
    return id < vector ? order(Core::cube)[static_cast<std::size_t>(id)]
                       : order(Core::vector)[static_cast<std::size_t>(id - vector)];
  }
  const Flags& flagsOf(const Event& e) const { return flags_[static_cast<std::size_t>(e.object)]; }

  void list(const Event& e, Id id);
  std::optional<Signal> awaited(const Event& e) const;
  bool take(const Event& e, Clock& clock);
  bool advance(Core core);
  void execute(const Event& e, Id id);
  bool isDone(Id id) const { return clocks_[static_cast<std::size_t>(id)][chain(id)] > 0; }
  std::size_t chain(Id id) const { return chainOf(event(id).core, event(id).pipe); }
  bool precedes(Id a, Id b) const {
    return clocks_[static_cast<std::size_t>(b)][chain(a)] >=
           clocks_[static_cast<std::size_t>(a)][chain(a)];
  }
  bool isHeld(Core core) const {
    return next_[static_cast<std::size_t>(core)] < order(core).size();
  }
  const Event& held(Core core) const { return order(core)[next_[static_cast<std::size_t>(core)]]; }
  std::string tellWait(const Event& waiting) const;
  void drawWait(const Event& waiting, std::vector<Link>& links) const;
  std::string label(const Event& e) const {
    return fmt::format("{} {}", name(e.core), text(schedule_, e));
  }
  ProtocolResult findUnsafe(const Reuse& reuse) const;
  ProtocolResult unsafe(const Reuse& reuse, Id reader, Id writer) const;
  std::string describe(Id id) const {
    return fmt::format("{} {} ({} stage)", name(event(id).core), text(schedule_, event(id)),
                       event(id).stage);
  }

  const Schedule& schedule_;
  std::vector<Flags> flags_;            // by FIFO
  std::vector<Accesses> slots_, rings_; // by FIFO, by ring
  // The last element of each chain that certainly precedes an event, itself among them; its own
  // chain's is its position there, from 1.
  std::vector<Clock> clocks_;
  std::array<std::size_t, 2> next_{};       // by core: what is issued next
  std::array<Clock, 2> scalar_{};           // of the scalar unit
  std::array<Id, kChains> last_{};          // executed on each chain; -1: none
  std::vector<std::size_t> popped_, taken_; // by FIFO: signals that were waited for
};

EventGraph::EventGraph(const Schedule& schedule)
    : schedule_(schedule), flags_(schedule.fifos.size()), slots_(schedule.fifos.size()),
      rings_(schedule.rings.size()),
      clocks_(schedule.order[0].size() + schedule.order[1].size(), Clock{}),
      popped_(schedule.fifos.size()), taken_(schedule.fifos.size()) {
  last_.fill(-1);
  for (auto* all : {&slots_, &rings_})
    for (Accesses& accesses : *all)
      accesses.lastRead.assign(static_cast<std::size_t>(schedule.tiles), -1);
  for (const Core core : {Core::cube, Core::vector}) {
    Id id = firstOf(core);
    for (const Event& e : order(core))
      list(e, id++);
  }
}

void EventGraph::list(const Event& e, Id id) {
  const auto object = static_cast<std::size_t>(e.object);
  const auto tile = static_cast<std::size_t>(e.tile);
  switch (e.kind) {
  case EventKind::push:
    flags_[object].pushes.push_back(id);
    break;
  case EventKind::pop:
    flags_[object].pops.push_back(id);
    break;
  case EventKind::free:
    if (schedule_.fifos[object].freeSignals(e.tile))
      flags_[object].credits.push_back(id);
    break;
  case EventKind::alloc:
    if (schedule_.fifos[object].allocWaits(e.tile))
      flags_[object].allocs.push_back(id);
    break;
  case EventKind::load:
    slots_[object].lastRead[tile] = id;
    break;
  case EventKind::store:
    slots_[object].writes.push_back(id);
    break;
  case EventKind::read:
    rings_[object].lastRead[tile] = id;
    break;
  case EventKind::write:
    rings_[object].writes.push_back(id);
    break;
  case EventKind::close:
    break;
  }
}

// The next signal that an event of the scalar unit waits for, if it waits.
std::optional<EventGraph::Signal> EventGraph::awaited(const Event& e) const {
  const auto object = static_cast<std::size_t>(e.object);
  if (e.kind == EventKind::pop)
    return Signal{flagsOf(e).pushes, popped_[object]};
  const bool takesCredit =
      e.kind == EventKind::alloc
          ? schedule_.fifos[object].allocWaits(e.tile)
          : e.kind == EventKind::close && taken_[object] < flagsOf(e).credits.size();
  if (takesCredit)
    return Signal{flagsOf(e).credits, taken_[object]};
  return std::nullopt;
}

// Waits for all signals of an event; false while one of them was not given.
bool EventGraph::take(const Event& e, Clock& clock) {
  while (const auto signal = awaited(e)) {
    if (signal->number >= signal->given.size() || !isDone(signal->given[signal->number]))
      return false;
    join(clock, clocks_[static_cast<std::size_t>(signal->given[signal->number])]);
    ++(e.kind == EventKind::pop ? popped_ : taken_)[static_cast<std::size_t>(e.object)];
    if (e.kind != EventKind::close)
      break;
  }
  return true;
}

// An event follows its issue, what its pipe executed before, and what it needs.
void EventGraph::execute(const Event& e, Id id) {
  const std::size_t own = chainOf(e.core, e.pipe);
  Clock& clock = clocks_[static_cast<std::size_t>(id)];
  clock = scalar_[static_cast<std::size_t>(e.core)];
  std::int32_t before = clock[own];
  if (last_[own] >= 0) {
    join(clock, clocks_[static_cast<std::size_t>(last_[own])]);
    before = clocks_[static_cast<std::size_t>(last_[own])][own];
  }
  for (const std::int32_t need : e.needs)
    if (need >= 0)
      join(clock,
           clocks_[static_cast<std::size_t>(firstOf(e.core)) + static_cast<std::size_t>(need)]);
  clock[own] = before + 1;
  last_[own] = id;
}

// Follows one core until its scalar unit stands; true when it issued anything.
bool EventGraph::advance(Core core) {
  const auto c = static_cast<std::size_t>(core);
  const std::size_t begin = next_[c];
  for (; next_[c] < order(core).size(); ++next_[c]) {
    const Event& e = order(core)[next_[c]];
    const Id id = firstOf(core) + static_cast<Id>(next_[c]);
    if (e.pipe == Pipe::s && !take(e, scalar_[c]))
      break;
    execute(e, id);
    // A blocking event holds back the issue of what follows; others do not.
    if (e.pipe == Pipe::s)
      scalar_[c] = clocks_[static_cast<std::size_t>(id)];
  }
  return next_[c] > begin;
}

bool EventGraph::run() {
  bool moved = true;
  while (moved) {
    moved = advance(Core::cube);
    moved = advance(Core::vector) || moved;
  }
  return !isHeld(Core::cube) && !isHeld(Core::vector);
}

// One line for a held core: what it waits for, and what the other core must get past to give it.
std::string EventGraph::tellWait(const Event& waiting) const {
  const std::string who =
      fmt::format("{} waits in {}", name(waiting.core), text(schedule_, waiting));
  const auto signal = awaited(waiting);
  if (!signal || signal->number >= signal->given.size())
    return who + " for a signal that nobody gives";
  const Event& giver = event(signal->given[signal->number]);
  return fmt::format("{} for the {} of tile {}, which {} gives after {}", who,
                     waiting.kind == EventKind::pop ? "data" : "free", giver.tile, name(giver.core),
                     text(schedule_, held(giver.core)));
}

// From a held operation over the signal that it waits for to what holds that one back.
void EventGraph::drawWait(const Event& waiting, std::vector<Link>& links) const {
  const auto signal = awaited(waiting);
  if (!signal || signal->number >= signal->given.size()) {
    links.push_back({label(waiting), "waits for", "a signal that nobody gives"});
    return;
  }
  const Event& giver = event(signal->given[signal->number]);
  links.push_back({label(waiting), "waits for", label(giver)});
  links.push_back({label(giver), "comes after", label(held(giver.core))});
}

ProtocolResult EventGraph::hang() const {
  ProtocolResult result{.fault = ProtocolFault::hang};
  std::vector<std::string> places;
  for (const Core core : {Core::cube, Core::vector}) {
    if (!isHeld(core))
      continue;
    places.push_back(fmt::format("{} in {}", name(core), text(schedule_, held(core))));
    result.witness.push_back(tellWait(held(core)));
    drawWait(held(core), result.links);
  }
  result.summary = fmt::format("the kernel hangs: {}", fmt::join(places, ", "));
  return result;
}

ProtocolResult EventGraph::unsafe(const Reuse& reuse, Id reader, Id writer) const {
  ProtocolResult result{.fault = reuse.fault,
                        .object = reuse.name,
                        .reader = event(reader).tile,
                        .writer = event(writer).tile};
  result.summary =
      fmt::format("{} tile {} may be overwritten by tile {} before it is read ({} deep)",
                  result.object, result.reader, result.writer, reuse.depth);
  result.witness = {fmt::format("overwrites: {}", describe(writer)),
                    fmt::format("still reads: {}", describe(reader)),
                    fmt::format("missing: an order from the second to the first; both use entry {}",
                                event(writer).tile % reuse.depth)};
  result.links = {{label(event(writer)), "should come after", label(event(reader)), true}};
  return result;
}

// The last reader of tile i against the first writer of tile i + depth; the others of either side
// follow by the order of their pipe.
ProtocolResult EventGraph::findUnsafe(const Reuse& reuse) const {
  for (const Id writer : reuse.accesses.writes) {
    const std::int32_t old = event(writer).tile - reuse.depth;
    const Id reader = old < 0 ? -1 : reuse.accesses.lastRead[static_cast<std::size_t>(old)];
    if (reader >= 0 && !precedes(reader, writer))
      return unsafe(reuse, reader, writer);
  }
  return {};
}

ProtocolResult EventGraph::findUnsafeSlot() const {
  for (std::size_t f = 0; f < schedule_.fifos.size(); ++f) {
    const Fifo& fifo = schedule_.fifos[f];
    auto result = findUnsafe({ProtocolFault::slot, slots_[f], fifo.slots, fifo.name});
    if (result.fault != ProtocolFault::none)
      return result;
  }
  return {};
}

ProtocolResult EventGraph::findUnsafeRing() const {
  for (std::size_t r = 0; r < schedule_.rings.size(); ++r) {
    const LocalRing& ring = schedule_.rings[r];
    auto result = findUnsafe({ProtocolFault::ring, rings_[r], ring.depth, ring.name});
    if (result.fault != ProtocolFault::none)
      return result;
  }
  return {};
}

// The most signals that can be pending on a flag when signal number i is given: i + 1 less the
// waits that certainly came before.
ProtocolResult EventGraph::findCounterOverflow(int counterMax) const {
  for (std::size_t f = 0; f < schedule_.fifos.size(); ++f) {
    const Flags& flags = flags_[f];
    const std::pair<const std::vector<Id>&, const std::vector<Id>&> both[] = {
        {flags.pushes, flags.pops}, {flags.credits, flags.allocs}};
    for (const auto& [signals, takers] : both) {
      std::size_t before = 0;
      for (std::size_t i = 0; i < signals.size(); ++i) {
        while (before < takers.size() && precedes(takers[before], signals[i]))
          ++before;
        const auto pending = static_cast<std::int64_t>(i + 1 - std::min(before, i + 1));
        if (pending <= counterMax)
          continue;
        ProtocolResult result{.fault = ProtocolFault::counter, .operand = pending};
        result.summary = fmt::format("an FFTS counter of {} can reach {} of {}",
                                     schedule_.fifos[f].name, pending, counterMax);
        result.witness = {fmt::format("signals: {}", describe(signals[i]))};
        return result;
      }
    }
  }
  return {};
}

// Compares the clocks of all events whose arcs or reuses can cross a cut through the steady part,
// `ahead` iterations of which stay untouched: signals given behind its end differ.
bool EventGraph::recurs() const {
  const SteadyLoop& loop = schedule_.loop;
  const auto iterations = static_cast<std::int32_t>(loop.begins[0].size()) - 1;
  const std::int32_t end = iterations - loop.ahead;
  const std::int32_t cut = end - loop.ahead;
  const std::int32_t from = cut - loop.back;
  if (cut - loop.period < loop.regular || from - loop.period < 1)
    return false;
  const auto begin = [&](Core core, std::int32_t iteration) {
    const auto& begins = loop.begins[static_cast<std::size_t>(core)];
    return static_cast<std::size_t>(firstOf(core) + begins[static_cast<std::size_t>(iteration)]);
  };
  Clock perPeriod{}; // events of each chain
  for (const Core core : {Core::cube, Core::vector})
    for (std::size_t id = begin(core, end - loop.period); id < begin(core, end); ++id)
      ++perPeriod[chain(static_cast<Id>(id))];
  for (const Core core : {Core::cube, Core::vector}) {
    const std::size_t shift = begin(core, end) - begin(core, end - loop.period);
    for (std::size_t id = begin(core, from); id < begin(core, end); ++id)
      for (std::size_t c = 0; c < kChains; ++c)
        if (clocks_[id][c] != clocks_[id - shift][c] + perPeriod[c])
          return false;
  }
  return true;
}

} // namespace

ProtocolProof analyseAll(const Schedule& schedule, int counterMax) {
  EventGraph graph(schedule);
  if (!graph.run())
    return {.faults = {graph.hang()}, .longerToo = true};
  ProtocolProof proof{.faults = {}, .longerToo = graph.recurs()};
  for (ProtocolResult result : std::array{graph.findUnsafeSlot(), graph.findUnsafeRing(),
                                          graph.findCounterOverflow(counterMax)})
    if (result.fault != ProtocolFault::none)
      proof.faults.push_back(std::move(result));
  return proof;
}

ProtocolResult analyse(const Schedule& schedule, int counterMax) {
  const auto faults = analyseAll(schedule, counterMax).faults;
  return faults.empty() ? ProtocolResult() : faults.front();
}

} // namespace ptotune
