#include "space/EventGraph.h"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>
#include <boost/graph/topological_sort.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>

namespace ptotune {
namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
using Node = std::int32_t;

constexpr std::size_t kChains = 2 * kPipeCount;
using Clock = std::array<std::int32_t, kChains>;

std::size_t chainOf(Core core, Pipe pipe) {
  return static_cast<std::size_t>(core) * kPipeCount + static_cast<std::size_t>(pipe);
}

// Every event is two nodes: issued and executed.
class EventGraph {
public:
  explicit EventGraph(const Schedule& schedule) : schedule_(schedule) {
    offset_[1] = static_cast<Node>(schedule.order[0].size());
    const auto events = schedule.order[0].size() + schedule.order[1].size();
    graph_ = Graph(2 * events);
    chain_.resize(2 * events);
    position_.resize(2 * events);
    for (const Core core : {Core::cube, Core::vector})
      addCore(core);
    addSignals();
  }

  // Events that wait for each other, told where the cores stand still, or nothing.
  ProtocolResult findHang() const;
  ProtocolResult findUnsafeSlot() const;
  ProtocolResult findUnsafeRing() const;
  ProtocolResult findCounterOverflow(int counterMax) const;
  // Fills the clocks; the graph has no cycle.
  void computeClocks();

private:
  struct Ref {
    Core core;
    std::int32_t index;
  };

  // What is reused `depth` tiles later, and by which kinds of events it is read and written.
  struct Reuse {
    ProtocolFault fault;
    int object;
    EventKind read, write;
    int depth;
    const char* name;
  };

  const std::vector<Event>& order(Core core) const {
    return schedule_.order[static_cast<std::size_t>(core)];
  }
  const Event& event(Ref ref) const { return order(ref.core)[static_cast<std::size_t>(ref.index)]; }
  Node issued(Ref ref) const {
    return 2 * (offset_[static_cast<std::size_t>(ref.core)] + ref.index);
  }
  Node executed(Ref ref) const { return issued(ref) + 1; }
  Ref refOf(Node node) const {
    const Node index = node / 2;
    return index < offset_[1] ? Ref{Core::cube, index} : Ref{Core::vector, index - offset_[1]};
  }
  void arc(Node from, Node to) {
    boost::add_edge(static_cast<std::size_t>(from), static_cast<std::size_t>(to), graph_);
  }

  void addCore(Core core);
  void addSignals();
  bool precedes(Node a, Node b) const {
    return clocks_[static_cast<std::size_t>(b)][chain_[static_cast<std::size_t>(a)]] >=
           position_[static_cast<std::size_t>(a)];
  }
  std::vector<bool> run() const;
  std::int32_t heldAt(Core core, const std::vector<bool>& done) const;
  std::string tellWait(Ref waiting, const std::vector<bool>& done) const;
  ProtocolResult findUnsafe(const Reuse& reuse) const;
  ProtocolResult unsafe(const Reuse& reuse, Ref reader, Ref writer) const;
  std::string describe(Ref ref) const {
    return fmt::format("{} {} ({} stage)", name(ref.core), text(schedule_, event(ref)),
                       event(ref).stage);
  }

  const Schedule& schedule_;
  Graph graph_;
  std::array<Node, 2> offset_ = {0, 0};
  std::vector<std::size_t> chain_;
  std::vector<std::int32_t> position_;
  std::vector<Clock> clocks_;
  std::vector<Node> starved_; // waits for a signal that the schedule never gives
  // By FIFO (or ring) and kind: the events in tile order; several stores or loads of a tile follow
  // each other.
  std::map<std::pair<int, EventKind>, std::vector<Ref>> byObject_;
};

void EventGraph::addCore(Core core) {
  std::array<Node, kPipeCount> last{};
  last.fill(-1);
  std::array<std::int32_t, kPipeCount> length{};
  Node lastIssue = -1;
  const auto& events = order(core);
  const auto place = [&](Node node, Pipe pipe) {
    chain_[static_cast<std::size_t>(node)] = chainOf(core, pipe);
    position_[static_cast<std::size_t>(node)] = ++length[static_cast<std::size_t>(pipe)];
  };
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(events.size()); ++i) {
    const Event& e = events[static_cast<std::size_t>(i)];
    const Ref ref{core, i};
    const Node issue = issued(ref), execution = executed(ref);
    place(issue, Pipe::s);
    place(execution, e.pipe);
    arc(issue, execution);
    if (lastIssue >= 0)
      arc(lastIssue, issue);
    // A blocking event holds back the issue of what follows; others do not.
    lastIssue = e.pipe == Pipe::s ? execution : issue;
    Node& behind = last[static_cast<std::size_t>(e.pipe)];
    if (e.pipe != Pipe::s && behind >= 0)
      arc(behind, execution);
    behind = execution;
    for (const std::int32_t need : e.needs)
      if (need >= 0)
        arc(executed({core, need}), execution);
    byObject_[{e.object, e.kind}].push_back(ref);
  }
}

void EventGraph::addSignals() {
  for (std::size_t f = 0; f < schedule_.fifos.size(); ++f) {
    const Fifo& fifo = schedule_.fifos[f];
    const auto of = [&](EventKind kind) -> const std::vector<Ref>& {
      return byObject_[{static_cast<int>(f), kind}];
    };
    const auto &pushes = of(EventKind::push), &pops = of(EventKind::pop);
    for (std::size_t i = 0; i < pops.size(); ++i)
      if (i < pushes.size())
        arc(executed(pushes[i]), executed(pops[i]));
      else
        starved_.push_back(executed(pops[i]));

    std::vector<Ref> credits;
    for (const Ref free : of(EventKind::free))
      if (fifo.freeSignals(event(free).tile))
        credits.push_back(free);
    std::size_t taken = 0;
    for (const Ref alloc : of(EventKind::alloc)) {
      if (!fifo.allocWaits(event(alloc).tile))
        continue;
      if (taken < credits.size())
        arc(executed(credits[taken++]), executed(alloc));
      else
        starved_.push_back(executed(alloc));
    }
    for (const Ref close : of(EventKind::close))
      for (; taken < credits.size(); ++taken)
        arc(executed(credits[taken]), executed(close));
  }
}

// Which nodes execute when every core runs as far as it can.
std::vector<bool> EventGraph::run() const {
  const std::size_t count = boost::num_vertices(graph_);
  std::vector<std::int32_t> missing(count, 0);
  for (auto [edge, end] = boost::edges(graph_); edge != end; ++edge)
    ++missing[boost::target(*edge, graph_)];
  for (const Node node : starved_)
    ++missing[static_cast<std::size_t>(node)];
  std::vector<std::size_t> open;
  for (std::size_t node = 0; node < count; ++node)
    if (missing[node] == 0)
      open.push_back(node);
  std::vector<bool> done(count, false);
  while (!open.empty()) {
    const std::size_t node = open.back();
    open.pop_back();
    done[node] = true;
    for (auto [edge, end] = boost::out_edges(node, graph_); edge != end; ++edge)
      if (--missing[boost::target(*edge, graph_)] == 0)
        open.push_back(boost::target(*edge, graph_));
  }
  return done;
}

// Where the scalar unit of this core stands still; its number of events when it does not.
std::int32_t EventGraph::heldAt(Core core, const std::vector<bool>& done) const {
  const auto size = static_cast<std::int32_t>(order(core).size());
  for (std::int32_t i = 0; i < size; ++i)
    if (order(core)[static_cast<std::size_t>(i)].pipe == Pipe::s &&
        !done[static_cast<std::size_t>(executed({core, i}))])
      return i;
  return size;
}

// One line for a held core: what it waits for, and what the other core must get past to give it.
std::string EventGraph::tellWait(Ref waiting, const std::vector<bool>& done) const {
  const Event& w = event(waiting);
  const std::string who = fmt::format("{} waits in {}", name(waiting.core), text(schedule_, w));
  const Node self = executed(waiting);
  for (auto [edge, end] = boost::edges(graph_); edge != end; ++edge) {
    const auto from = static_cast<Node>(boost::source(*edge, graph_));
    const Ref signal = refOf(from);
    if (static_cast<Node>(boost::target(*edge, graph_)) != self || signal.core == waiting.core ||
        done[static_cast<std::size_t>(from)])
      continue;
    const std::int32_t held = heldAt(signal.core, done);
    return fmt::format("{} for the {} of tile {}, which {} gives after {}", who,
                       w.kind == EventKind::pop ? "data" : "free", event(signal).tile,
                       name(signal.core),
                       text(schedule_, order(signal.core)[static_cast<std::size_t>(held)]));
  }
  return who + " for a signal that nobody gives";
}

ProtocolResult EventGraph::findHang() const {
  std::vector<int> component(boost::num_vertices(graph_));
  const int count = boost::strong_components(
      graph_, boost::make_iterator_property_map(component.begin(),
                                                boost::get(boost::vertex_index, graph_)));
  if (static_cast<std::size_t>(count) == component.size() && starved_.empty())
    return {};
  const std::vector<bool> done = run();
  ProtocolResult result{.fault = ProtocolFault::hang};
  std::vector<std::string> places;
  for (const Core core : {Core::cube, Core::vector}) {
    const std::int32_t held = heldAt(core, done);
    if (held == static_cast<std::int32_t>(order(core).size()))
      continue;
    places.push_back(fmt::format("{} in {}", name(core), text(schedule_, event({core, held}))));
    result.witness.push_back(tellWait({core, held}, done));
  }
  result.summary = fmt::format("the kernel hangs: {}", fmt::join(places, ", "));
  return result;
}

void EventGraph::computeClocks() {
  std::vector<std::size_t> reversed;
  boost::topological_sort(graph_, std::back_inserter(reversed));
  clocks_.assign(boost::num_vertices(graph_), Clock{});
  for (auto node = reversed.rbegin(); node != reversed.rend(); ++node) {
    Clock& clock = clocks_[*node];
    clock[chain_[*node]] = std::max(clock[chain_[*node]], position_[*node]);
    for (auto [edge, end] = boost::out_edges(*node, graph_); edge != end; ++edge) {
      Clock& next = clocks_[boost::target(*edge, graph_)];
      for (std::size_t c = 0; c < kChains; ++c)
        next[c] = std::max(next[c], clock[c]);
    }
  }
}

ProtocolResult EventGraph::unsafe(const Reuse& reuse, Ref reader, Ref writer) const {
  ProtocolResult result{.fault = reuse.fault};
  result.summary =
      fmt::format("{} tile {} may be overwritten by tile {} before it is read ({} deep)",
                  reuse.name, event(reader).tile, event(writer).tile, reuse.depth);
  result.witness = {fmt::format("overwrites: {}", describe(writer)),
                    fmt::format("still reads: {}", describe(reader)),
                    fmt::format("missing: an order from the second to the first; both use entry {}",
                                event(writer).tile % reuse.depth)};
  return result;
}

// The last reader of tile i against the first writer of tile i + depth; the others of either side
// follow by the order of their pipe.
ProtocolResult EventGraph::findUnsafe(const Reuse& reuse) const {
  const auto find = [&](EventKind kind) -> std::span<const Ref> {
    const auto found = byObject_.find({reuse.object, kind});
    return found == byObject_.end() ? std::span<const Ref>() : found->second;
  };
  std::map<std::int32_t, Ref> lastRead;
  for (const Ref ref : find(reuse.read))
    lastRead.insert_or_assign(event(ref).tile, ref);
  for (const Ref writer : find(reuse.write)) {
    const auto reader = lastRead.find(event(writer).tile - reuse.depth);
    if (reader != lastRead.end() && !precedes(executed(reader->second), executed(writer)))
      return unsafe(reuse, reader->second, writer);
  }
  return {};
}

ProtocolResult EventGraph::findUnsafeSlot() const {
  for (std::size_t f = 0; f < schedule_.fifos.size(); ++f) {
    const Fifo& fifo = schedule_.fifos[f];
    auto result = findUnsafe({ProtocolFault::slot, static_cast<int>(f), EventKind::load,
                              EventKind::store, fifo.slots, fifo.name});
    if (result.fault != ProtocolFault::none)
      return result;
  }
  return {};
}

ProtocolResult EventGraph::findUnsafeRing() const {
  for (std::size_t r = 0; r < schedule_.rings.size(); ++r) {
    const LocalRing& ring = schedule_.rings[r];
    auto result = findUnsafe({ProtocolFault::ring, static_cast<int>(r), EventKind::read,
                              EventKind::write, ring.depth, ring.name});
    if (result.fault != ProtocolFault::none)
      return result;
  }
  return {};
}

// The most signals that can be pending on a flag when signal number i is given: i + 1 less the
// waits that certainly came before.
ProtocolResult EventGraph::findCounterOverflow(int counterMax) const {
  for (std::size_t f = 0; f < schedule_.fifos.size(); ++f) {
    const Fifo& fifo = schedule_.fifos[f];
    const auto of = [&](EventKind kind) {
      const auto found = byObject_.find({static_cast<int>(f), kind});
      return found == byObject_.end() ? std::vector<Ref>() : found->second;
    };
    std::vector<Ref> credits, waits;
    for (const Ref ref : of(EventKind::free))
      if (fifo.freeSignals(event(ref).tile))
        credits.push_back(ref);
    for (const Ref ref : of(EventKind::alloc))
      if (fifo.allocWaits(event(ref).tile))
        waits.push_back(ref);
    const std::pair<std::vector<Ref>, std::vector<Ref>> flags[] = {
        {of(EventKind::push), of(EventKind::pop)}, {credits, waits}};
    for (const auto& [signals, takers] : flags) {
      std::size_t before = 0;
      for (std::size_t i = 0; i < signals.size(); ++i) {
        while (before < takers.size() && precedes(executed(takers[before]), executed(signals[i])))
          ++before;
        const auto pending = static_cast<std::int64_t>(i + 1 - std::min(before, i + 1));
        if (pending <= counterMax)
          continue;
        ProtocolResult result{.fault = ProtocolFault::counter, .operand = pending};
        result.summary =
            fmt::format("an FFTS counter of {} can reach {} of {}", fifo.name, pending, counterMax);
        result.witness = {fmt::format("signals: {}", describe(signals[i]))};
        return result;
      }
    }
  }
  return {};
}

} // namespace

std::vector<ProtocolResult> analyseAll(const Schedule& schedule, int counterMax) {
  EventGraph graph(schedule);
  std::vector<ProtocolResult> faults;
  const auto keep = [&](ProtocolResult result) {
    if (result.fault != ProtocolFault::none)
      faults.push_back(std::move(result));
  };
  keep(graph.findHang());
  if (!faults.empty())
    return faults;
  graph.computeClocks();
  keep(graph.findUnsafeSlot());
  keep(graph.findUnsafeRing());
  keep(graph.findCounterOverflow(counterMax));
  return faults;
}

ProtocolResult analyse(const Schedule& schedule, int counterMax) {
  const auto faults = analyseAll(schedule, counterMax);
  return faults.empty() ? ProtocolResult() : faults.front();
}

} // namespace ptotune
