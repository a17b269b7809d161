#include "space/protocol/EventGraph.h"

#include <utility>

namespace ptotune {

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
    const auto giver = signal->giver();
    if (!giver || !isDone(*giver))
      return false;
    join(clock, clocks_[static_cast<std::size_t>(*giver)]);
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
    return static_cast<std::size_t>(firstOf(core)) +
           static_cast<std::size_t>(begins[static_cast<std::size_t>(iteration)]);
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

} // namespace ptotune
