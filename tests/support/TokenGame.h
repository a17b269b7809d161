// An independent executor of schedules: plays the TPipe protocol with counters and queues, without
// any graph. Tests hold the event graph's verdicts against it.
#pragma once

#include "space/protocol/Schedule.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <vector>

namespace ptotune::test {

// State: what each core has issued, what each pipe has executed, the flag counters. A frozen event
// never executes; everything that does not depend on it still can, whatever the delays.
class TokenGame {
public:
  explicit TokenGame(const Schedule& schedule) : schedule_(schedule) {
    for (std::size_t c = 0; c < 2; ++c)
      done_[c].assign(schedule.order[c].size(), false);
    ready_.assign(schedule.fifos.size(), 0);
    credit_.assign(schedule.fifos.size(), 0);
    taken_.assign(schedule.fifos.size(), 0);
  }

  void freeze(Core core, std::size_t index) {
    frozen_ = {static_cast<std::size_t>(core), index};
    hasFrozen_ = true;
  }

  // Runs until nothing can move.
  void run() {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t c = 0; c < 2; ++c)
        moved = issue(c) || moved;
      for (std::size_t c = 0; c < 2; ++c)
        for (auto& [pipe, queue] : queues_[c])
          moved = execute(c, queue) || moved;
    }
  }

  bool done(Core core, std::size_t index) const {
    return done_[static_cast<std::size_t>(core)][index];
  }
  bool finished() const {
    return std::ranges::all_of(done_, [](const std::vector<bool>& core) {
      return std::ranges::all_of(core, [](bool one) { return one; });
    });
  }
  int highestCounter() const { return highest_; }

private:
  bool isFrozen(std::size_t c, std::size_t i) const {
    return hasFrozen_ && frozen_ == std::pair(c, i);
  }

  // A blocking event executes on the scalar unit when its flag allows.
  bool takeFlag(const Event& e) {
    const auto f = static_cast<std::size_t>(e.object);
    const Fifo& fifo = schedule_.fifos[f];
    switch (e.kind) {
    case EventKind::pop:
      return ready_[f] > 0 && ready_[f]--;
    case EventKind::alloc:
      if (!fifo.allocWaits(e.tile))
        return true;
      if (credit_[f] == 0)
        return false;
      --credit_[f];
      ++taken_[f];
      return true;
    case EventKind::close: {
      const int left = schedule_.tiles / fifo.syncPeriod - taken_[f];
      if (credit_[f] < left)
        return false;
      credit_[f] -= left;
      return true;
    }
    default:
      return true;
    }
  }

  bool issue(std::size_t c) {
    const auto& order = schedule_.order[c];
    bool moved = false;
    while (next_[c] < order.size()) {
      const std::size_t i = next_[c];
      const Event& e = order[i];
      if (e.pipe == Pipe::s) {
        if (isFrozen(c, i) || !takeFlag(e))
          return moved;
        done_[c][i] = true;
      } else {
        queues_[c][e.pipe].push_back(i);
      }
      ++next_[c];
      moved = true;
    }
    return moved;
  }

  bool execute(std::size_t c, std::deque<std::size_t>& queue) {
    bool moved = false;
    while (!queue.empty()) {
      const std::size_t i = queue.front();
      const Event& e = schedule_.order[c][i];
      const bool waits = std::ranges::any_of(e.needs, [&](std::int32_t need) {
        return need >= 0 && !done_[c][static_cast<std::size_t>(need)];
      });
      if (waits || isFrozen(c, i))
        return moved;
      const auto object = static_cast<std::size_t>(e.object);
      if (e.kind == EventKind::push)
        highest_ = std::max(highest_, ++ready_[object]);
      if (e.kind == EventKind::free && schedule_.fifos[object].freeSignals(e.tile))
        highest_ = std::max(highest_, ++credit_[object]);
      done_[c][i] = true;
      queue.pop_front();
      moved = true;
    }
    return moved;
  }

  const Schedule& schedule_;
  std::array<std::vector<bool>, 2> done_;
  std::array<std::size_t, 2> next_ = {0, 0};
  std::array<std::map<Pipe, std::deque<std::size_t>>, 2> queues_;
  std::vector<int> ready_, credit_, taken_;
  std::pair<std::size_t, std::size_t> frozen_;
  bool hasFrozen_ = false;
  int highest_ = 0;
};

} // namespace ptotune::test
