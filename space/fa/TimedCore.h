// What the timed event graph keeps of a core, and of the rings between the cores.
#pragma once

#include "space/Op.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ptotune::fa {

// One core: when its scalar unit and its pipes are free, in cycles.
class Unit {
public:
  explicit Unit(double issue) : issue_(issue) {}

  void issue(int count) { now_ += issue_ * count; }
  void wait(double signal) { now_ = std::max(now_, signal); }
  // Issues an instruction to `pipe`, which works on it when `ready` as well; returns its end.
  double run(Pipe pipe, double cycles, double ready = 0) {
    issue(1);
    double& free = free_[static_cast<std::size_t>(pipe)];
    free = std::max({free, now_, ready}) + cycles;
    return free;
  }
  // `count` instructions of one pipe in a row, `cycles` long together and the last one `last`; they
  // begin when `ready`.
  double runAll(Pipe pipe, int count, double cycles, double last, double ready = 0) {
    run(pipe, cycles, ready);
    issue(count - 1);
    double& free = free_[static_cast<std::size_t>(pipe)];
    free = std::max(free, now_ + last);
    return free;
  }
  // A signal behind what the pipe has.
  double send(Pipe pipe) { return run(pipe, 0); }

  double end() const { return std::max(now_, *std::ranges::max_element(free_)); }

private:
  double issue_;
  double now_ = 0;
  std::array<double, kPipeCount> free_{};
};

// A ring of one work unit: what was signalled, by tile or by credit.
struct Ring {
  std::int64_t slots = 0, period = 1;
  bool open = false; // nothing waits for a free slot
  std::vector<double> data, credits;
  std::size_t taken = 0;

  void reset(std::int64_t tiles) {
    data.clear();
    credits.clear();
    data.reserve(static_cast<std::size_t>(tiles));
    taken = 0;
  }
  bool waits(std::int64_t tile) const { return !open && tile >= slots && tile % period == 0; }
  bool blocked(std::int64_t tile) const { return waits(tile) && taken >= credits.size(); }
  bool has(std::int64_t tile) const { return tile < static_cast<std::int64_t>(data.size()); }
  double dataOf(std::int64_t tile) const { return data[static_cast<std::size_t>(tile)]; }
};

} // namespace ptotune::fa
