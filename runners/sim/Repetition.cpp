#include "runners/sim/Repetition.h"

#include "runners/sim/Machine.h"

#include <algorithm>
#include <limits>
#include <span>

namespace ptotune::sim {

namespace {

// Loops with fewer iterations are run; so is what repeats after more states than this.
constexpr std::int64_t kFewIterations = 4;
constexpr std::size_t kStates = 512;
// Decisions kept before the search for repetitions begins anew.
constexpr std::size_t kDecisions = std::size_t{1} << 21;
// Loop variables stay below: expressions of them do not overflow (Periods.h).
constexpr std::int64_t kLargestVariable = std::int64_t{1} << 40;

constexpr std::int64_t kUnbounded = std::numeric_limits<std::int64_t>::max();

std::span<const Tick> part(const std::vector<Tick>& all, std::size_t from, std::size_t to) {
  return std::span(all).subspan(from, to - from);
}

} // namespace

// Writes the state of a machine into a snapshot.
class Repetition::Recorder {
public:
  Recorder(Snapshot& out, std::vector<Role>& roles) : out_(out), roles_(roles) {
    out_.discrete.clear();
    out_.linear.clear();
    out_.stalls.clear();
    roles_.clear();
  }
  void discrete(std::int64_t number) {
    out_.discrete.push_back(number);
    hash_ = (hash_ ^ static_cast<std::uint64_t>(number)) * 0x9e3779b97f4a7c15;
    hash_ ^= hash_ >> 29;
  }
  void linear(std::int64_t& number, Role role) {
    out_.linear.push_back(number);
    roles_.push_back(role);
  }
  void stall(Tick& total) { out_.stalls.push_back(total); }
  std::uint64_t hash() const { return hash_; }

private:
  Snapshot& out_;
  std::vector<Role>& roles_;
  std::uint64_t hash_ = 0;
};

// Moves a machine on by so many repetitions.
class Repetition::Shifter {
public:
  Shifter(const Snapshot* a, const Snapshot& b, const Snapshot& c, std::int64_t times)
      : a_(a), b_(b), c_(c), times_(times) {}

  void discrete(std::int64_t) {}
  void linear(std::int64_t& number, Role) {
    number += times_ * (c_.linear[linear_] - b_.linear[linear_]);
    ++linear_;
  }
  void stall(Tick& total) {
    const Tick last = c_.stalls[stall_] - b_.stalls[stall_];
    const Tick growth = a_ == nullptr ? 0 : last - (b_.stalls[stall_] - a_->stalls[stall_]);
    total += times_ * last + growth * (times_ * (times_ + 1) / 2);
    ++stall_;
  }

private:
  const Snapshot* a_;
  const Snapshot& b_;
  const Snapshot& c_;
  std::int64_t times_;
  std::size_t linear_ = 0;
  std::size_t stall_ = 0;
};

void Repetition::forgetFrom(std::size_t level) {
  for (std::size_t i = level; i < levels_.size(); ++i) {
    levels_[i].count = 0;
    levels_[i].at = {-1, 0};
  }
}

void Repetition::look() {
  if (decisions_.margins().size() > kDecisions) {
    forgetFrom(0);
    decisions_.clear();
  }
  const auto leader =
      std::find_if(machine_.cores.begin(), machine_.cores.end(),
                   [](const CoreState& core) { return !core.scalar.frames().empty(); });
  if (leader == machine_.cores.end())
    return;
  const std::vector<ScalarUnit::Frame>& frames = leader->scalar.frames();
  if (levels_.size() < frames.size())
    levels_.resize(frames.size());
  forgetFrom(frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const std::pair at(frames[i].loop, frames[i].value);
    if (levels_[i].at == at)
      continue;
    forgetFrom(i + 1);
    if (levels_[i].at.first != at.first)
      levels_[i].count = 0;
    levels_[i].at = at;
    const std::int64_t ahead = (frames[i].upper - frames[i].value) / frames[i].step;
    if (ahead >= (levels_[i].count == 0 ? kFewIterations : 1))
      lookAt(i);
  }
}

void Repetition::record(std::size_t level, Snapshot& out) {
  Recorder recorder(out, roles_);
  machine_.visit(recorder, level);
  out.hash = recorder.hash();
  out.margins = decisions_.margins().size();
  out.skips = decisions_.skips().size();
  out.instructions = 0;
  for (std::size_t i = 0; i < machine_.cores.size(); ++i) {
    const CoreState& core = machine_.cores[i];
    const auto& frames = core.scalar.frames();
    out.instructions += core.sequence;
    out.left[i] = core.scalar.left();
    out.variable[i] = level < frames.size() ? frames[level].value : 0;
  }
}

void Repetition::lookAt(std::size_t level) {
  Level& here = levels_[level];
  if (here.count == kStates)
    here.count = 0;
  if (here.count == here.states.size())
    here.states.emplace_back();
  const std::size_t last = here.count++;
  record(level, here.states[last]);
  const Snapshot& c = here.states[last];
  for (std::size_t apart = 1; apart <= last; ++apart) {
    const Snapshot& b = here.states[last - apart];
    if (b.hash != c.hash || b.discrete != c.discrete)
      continue;
    const Snapshot* a = 2 * apart <= last ? &here.states[last - 2 * apart] : nullptr;
    if (trySkip(level, b, c, a))
      return;
  }
}

bool Repetition::trySkip(std::size_t level, const Snapshot& b, const Snapshot& c,
                         const Snapshot* a) {
  const std::int64_t trips = tripsLeft(level, b, c);
  if (trips < 1)
    return false;
  if (repeats_ == Repeats::shiftedToo && isShifted(b, c)) {
    shifted_ = true;
    skip(level, b, c, nullptr, trips);
    return true;
  }
  if (a == nullptr || a->discrete != c.discrete)
    return false;
  const std::int64_t times = std::min(trips, steadyFor(*a, b, c));
  if (times < 1)
    return false;
  skip(level, b, c, a, times);
  return true;
}

// How often the way from b to c fits into what the loops and the limit of instructions have left.
std::int64_t Repetition::tripsLeft(std::size_t level, const Snapshot& b, const Snapshot& c) const {
  std::int64_t trips = kUnbounded;
  for (std::size_t core = 0; core < machine_.cores.size(); ++core) {
    const ScalarUnit& scalar = machine_.cores[core].scalar;
    const std::int64_t spent = b.left[core] - c.left[core];
    if (spent > 0)
      trips = std::min(trips, scalar.left() / spent);
    if (level >= scalar.frames().size())
      continue;
    const ScalarUnit::Frame& frame = scalar.frames()[level];
    const std::int64_t step = c.variable[core] - b.variable[core];
    if (step > 0)
      trips = std::min(trips, (std::min(frame.upper, kLargestVariable) - 1 - frame.value) / step);
  }
  return trips == kUnbounded ? 0 : trips;
}

bool Repetition::isShifted(const Snapshot& b, const Snapshot& c) const {
  Tick shift = -1;
  bool idle = false; // the unit has done nothing between b and c
  for (std::size_t i = 0; i < roles_.size(); ++i) {
    const std::int64_t by = c.linear[i] - b.linear[i];
    if (roles_[i] == Role::owner) {
      idle = by == 0;
    } else if (roles_[i] == Role::time && !(idle && by == 0)) {
      if (shift >= 0 && by != shift)
        return false;
      shift = by;
    }
  }
  return true;
}

// How many further repetitions the decisions allow; 0 when the three states are not in line.
std::int64_t Repetition::steadyFor(const Snapshot& a, const Snapshot& b, const Snapshot& c) const {
  for (std::size_t i = 0; i < c.linear.size(); ++i)
    if (c.linear[i] - b.linear[i] != b.linear[i] - a.linear[i])
      return 0;
  const auto skips1 = part(decisions_.skips(), a.skips, b.skips);
  const auto skips2 = part(decisions_.skips(), b.skips, c.skips);
  const auto first = part(decisions_.margins(), a.margins, b.margins);
  const auto second = part(decisions_.margins(), b.margins, c.margins);
  if (first.size() != second.size() ||
      !std::equal(skips1.begin(), skips1.end(), skips2.begin(), skips2.end()))
    return 0;
  std::int64_t times = kUnbounded;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const Tick growth = second[i] - first[i];
    if ((first[i] > 0) != (second[i] > 0))
      return 0;
    if (second[i] > 0 && growth < 0)
      times = std::min(times, (second[i] - 1) / -growth);
    else if (second[i] <= 0 && growth > 0)
      times = std::min(times, -second[i] / growth);
  }
  return times;
}

void Repetition::skip(std::size_t level, const Snapshot& b, const Snapshot& c, const Snapshot* a,
                      std::int64_t times) {
  Shifter shifter(a, b, c, times);
  machine_.visit(shifter, level);
  for (CoreState& core : machine_.cores)
    core.scalar.rebind();
  skipped_ += times * (c.instructions - b.instructions);

  if (level > 0) {
    std::vector<Tick> same = {times, a == nullptr ? 0 : 1};
    for (std::size_t i = 0; i < c.linear.size(); ++i)
      same.push_back(c.linear[i] - b.linear[i]);
    std::vector<Tick> margins;
    if (a != nullptr)
      for (std::size_t i = b.margins, j = a->margins; i < c.margins; ++i, ++j)
        margins.push_back(decisions_.margins()[i] +
                          times * (decisions_.margins()[i] - decisions_.margins()[j]));
    decisions_.skip(margins, same);
  }
  forgetFrom(level + 1);
  levels_[level].count = 0;
  for (const CoreState& core : machine_.cores)
    if (!core.scalar.frames().empty()) {
      levels_[level].at.second = core.scalar.frames()[level].value;
      break;
    }
  if (level == 0)
    decisions_.clear();
}

} // namespace ptotune::sim
