#include "runners/sim/hazards/HappensBefore.h"

#include <algorithm>

namespace ptotune::sim {

namespace {

constexpr std::int64_t kIds = 1 << 20; // more than any flag id or accumulator

// A flag as a number. An FFTS flag has a queue for each sender: the AIC's signals are taken once by
// each AIV, the AIVs' together by the AIC.
std::int64_t flagKey(const FlagName& flag) {
  const auto pair = static_cast<std::int64_t>(flag.source) * static_cast<std::int64_t>(kPipeCount) +
                    static_cast<std::int64_t>(flag.target);
  const auto pairs = static_cast<std::int64_t>(kPipeCount * kPipeCount);
  return (flag.core * pairs + pair) * kIds + flag.id;
}

std::int64_t fftsKey(int sender, int receiver, std::int64_t id) {
  return -1 - ((sender * kCoreCount + receiver) * kIds + id);
}

} // namespace

HappensBefore::HappensBefore() {
  for (auto& versions : known_)
    versions.emplace_back();
}

void HappensBefore::join(Clock& into, const Clock& from) {
  for (std::size_t i = 0; i < kChains; ++i)
    into[i] = std::max(into[i], from[i]);
}

void HappensBefore::on(const IssuedEvent& event) {
  if (event.what.pipe == Pipe::s)
    return;
  const auto chain = static_cast<std::size_t>(chainOf(event.what.core, event.what.pipe));
  const auto& versions = known_[static_cast<std::size_t>(event.what.core)];
  issues_[chain].push({event.what.sequence, static_cast<std::int32_t>(versions.size()) - 1});
}

void HappensBefore::enter(const Executed& what) {
  const std::int32_t chain = chainOf(what.core, what.pipe);
  Ring<Issue>& issues = issues_[static_cast<std::size_t>(chain)];
  const auto& versions = known_[static_cast<std::size_t>(what.core)];
  while (!issues.empty() && issues.front().sequence <= what.sequence) {
    join(clock(chain), versions[static_cast<std::size_t>(issues.front().known)]);
    issues.pop();
  }
}

HappensBefore::Clock HappensBefore::sent(std::int32_t chain) const {
  Clock all = clocks_[static_cast<std::size_t>(chain)];
  all[static_cast<std::size_t>(chain)] = begun_[static_cast<std::size_t>(chain)];
  return all;
}

void HappensBefore::on(const SignalEvent& event) {
  enter(event.what);
  const Clock all = sent(chainOf(event.what.core, event.what.pipe));
  switch (event.flag.kind) {
  case FlagKind::event:
    flags_[flagKey(event.flag)].push(all);
    break;
  case FlagKind::unit:
    unitFlags_[flagKey(event.flag)] = all;
    break;
  case FlagKind::ffts:
    for (int core = 0; core < kCoreCount; ++core)
      if ((core == 0) != (event.what.core == 0))
        flags_[fftsKey(event.what.core, core, event.flag.id)].push(all);
    break;
  }
}

void HappensBefore::take(Clock& into, std::int64_t flag) {
  Ring<Clock>& signals = flags_[flag];
  if (signals.empty())
    return;
  join(into, signals.front());
  signals.pop();
}

void HappensBefore::on(const TakenEvent& event) {
  enter(event.what);
  Clock& own = clock(chainOf(event.what.core, event.what.pipe));
  switch (event.flag.kind) {
  case FlagKind::event:
    take(own, flagKey(event.flag));
    break;
  case FlagKind::unit:
    join(own, unitFlags_[flagKey(event.flag)]);
    break;
  case FlagKind::ffts:
    for (int core = 0; core < kCoreCount; ++core)
      if ((core == 0) != (event.what.core == 0))
        take(own, fftsKey(core, event.what.core, event.flag.id));
    break;
  }
  if (event.what.pipe == Pipe::s)
    known_[static_cast<std::size_t>(event.what.core)].push_back(own);
}

void HappensBefore::passed(const Executed& what, bool barrier) {
  enter(what);
  const auto chain = static_cast<std::size_t>(chainOf(what.core, what.pipe));
  if (barrier)
    clocks_[chain][chain] = begun_[chain];
}

Stamp HappensBefore::begin(const Executed& what) {
  enter(what);
  const std::int32_t chain = chainOf(what.core, what.pipe);
  return {chain, ++begun_[static_cast<std::size_t>(chain)]};
}

void HappensBefore::end(const Stamp& stamp) {
  const bool overlaps =
      static_cast<Pipe>(static_cast<std::size_t>(stamp.chain) % kPipeCount) == Pipe::v;
  if (!overlaps)
    clock(stamp.chain)[static_cast<std::size_t>(stamp.chain)] = stamp.number;
}

} // namespace ptotune::sim
