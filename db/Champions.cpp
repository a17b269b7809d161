#include "db/Champions.h"

#include "db/Database.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

namespace ptotune {
namespace {

bool faster(const PointTime& a, const PointTime& b) {
  const Point usual;
  return std::tuple(a.seconds, a.point != usual, a.point) <
         std::tuple(b.seconds, b.point != usual, b.point);
}

using Pools = std::map<Point, std::vector<double>>;

Pools poolsOf(std::span<const Trial> trials) {
  Pools pools;
  for (const Trial& trial : trials)
    if (trial.status == TrialStatus::correct)
      std::ranges::copy(trial.seconds, std::back_inserter(pools[trial.point]));
  return pools;
}

// Where the same device would be measured with the same runner, whatever it was built with.
bool samePlace(const Environment& a, const Environment& b) {
  return a.soc == b.soc && a.runner == b.runner;
}

bool sameKernelFamily(const Problem& a, const Problem& b) {
  return std::tie(a.family, a.head, a.causal, a.dtype) ==
         std::tie(b.family, b.head, b.causal, b.dtype);
}

double distance(const Problem& a, const Problem& b) {
  const auto octaves = [](std::int64_t x, std::int64_t y) {
    return std::abs(std::log2(static_cast<double>(x)) - std::log2(static_cast<double>(y)));
  };
  return octaves(a.s0, b.s0) + octaves(a.s1, b.s1);
}

WarmStart startOf(WarmStart::Kind kind, const Champion& champion) {
  return {.kind = kind,
          .point = champion.point,
          .environment = champion.environment,
          .problem = champion.problem,
          .seconds = champion.seconds};
}

// Collects starts of one kind, each point once over all kinds.
class Collector {
public:
  explicit Collector(std::size_t most) : most_(most) {}
  void beginKind() { left_ = most_; }
  std::size_t most() const { return most_; }
  bool full() const { return left_ == 0; }
  void add(WarmStart start) {
    if (full() || !seen_.insert(start.point).second)
      return;
    starts_.push_back(std::move(start));
    --left_;
  }
  std::vector<WarmStart> take() { return std::move(starts_); }

private:
  std::size_t most_;
  std::size_t left_ = 0;
  std::set<Point> seen_;
  std::vector<WarmStart> starts_;
};

// The fastest points of each other identity, taken in turns.
Status addOtherIdentities(const Database& database, std::vector<Champion> champions,
                          const Environment& now, const Problem& problem, Collector& into) {
  std::erase_if(champions, [&](const Champion& one) {
    return !samePlace(one.environment, now) || one.environment == now;
  });
  std::ranges::sort(champions, {}, [](const Champion& one) {
    return std::tuple(-one.lastRecorded, one.environment.hash());
  });
  std::vector<std::vector<PointTime>> lists;
  std::size_t longest = 0;
  for (const Champion& one : champions) {
    auto times = database.fastest(one.environment.hash(), problem, into.most());
    if (!times)
      return times.error();
    longest = std::max(longest, times->size());
    lists.push_back(std::move(*times));
  }
  for (std::size_t rank = 0; rank < longest; ++rank)
    for (std::size_t i = 0; i < lists.size(); ++i)
      if (rank < lists[i].size())
        into.add({.kind = WarmStart::Kind::confirm,
                  .point = lists[i][rank].point,
                  .environment = champions[i].environment,
                  .problem = problem,
                  .seconds = lists[i][rank].seconds});
  return {};
}

std::vector<PointTime> timesOf(const Pools& pools) {
  std::vector<PointTime> times;
  times.reserve(pools.size());
  for (const auto& [point, samples] : pools)
    times.push_back({.point = point,
                     .seconds = median(samples),
                     .samples = static_cast<std::int64_t>(samples.size()),
                     .interval = {}});
  std::ranges::sort(times, faster);
  return times;
}

} // namespace

std::vector<PointTime> timesOf(std::span<const Trial> trials) {
  return timesOf(poolsOf(trials));
}

bool isExact(const Environment& environment) {
  return environment.runner == kSimRunner;
}

std::optional<Standing> standingOf(std::span<const Trial> trials) {
  const Pools pools = poolsOf(trials);
  if (pools.empty())
    return std::nullopt;
  std::vector<PointTime> times = timesOf(pools);
  Standing standing{.best = times.front(), .ties = {}};
  standing.best.interval = medianInterval(pools.at(standing.best.point));
  for (PointTime& time : std::span(times).subspan(1)) {
    const std::vector<double>& samples = pools.at(time.point);
    // No interval of a median reaches below its least sample.
    if (std::ranges::min(samples) > standing.best.interval.high)
      continue;
    time.interval = medianInterval(samples);
    if (time.interval.overlaps(standing.best.interval))
      standing.ties.push_back(time);
  }
  return standing;
}

Result<Standing> standingOf(const Database& database, const Champion& champion) {
  if (isExact(champion.environment))
    return Standing{.best = {.point = champion.point,
                             .seconds = champion.seconds,
                             .samples = champion.samples,
                             .interval = {champion.seconds, champion.seconds}},
                    .ties = {}};
  auto trials = database.trials(champion.environment.hash(), champion.problem);
  if (!trials)
    return trials.error();
  auto standing = standingOf(*trials);
  if (!standing)
    return Error{.message = "the champion is gone: its trials were pruned meanwhile",
                 .file = database.path(),
                 .advice = "run the command again"};
  return *std::move(standing);
}

std::optional<std::string> whyConfirm(const Environment& then, const Environment& now) {
  std::string text;
  const auto compare = [&text](const char* what, const std::string& old,
                               const std::string& current) {
    if (old == current)
      return;
    const auto shown = [](const std::string& value) {
      return value.empty() ? std::string("none") : value;
    };
    text +=
        fmt::format("{}{} {}, now {}", text.empty() ? "" : "; ", what, shown(old), shown(current));
  };
  compare("toolchain", then.toolchain, now.toolchain);
  compare("pto-isa headers", then.isaHash, now.isaHash);
  compare("runner", fmt::format("{} {}", then.runner, then.runnerVersion),
          fmt::format("{} {}", now.runner, now.runnerVersion));
  compare("pto-tune", then.toolVersion, now.toolVersion);
  if (then.socHash != now.socHash)
    text += text.empty() ? "another SoC profile" : "; another SoC profile";
  return text.empty() ? std::nullopt : std::optional(text);
}

Result<std::vector<WarmStart>> warmStarts(const Database& database, const Environment& now,
                                          const Problem& problem, std::size_t most) {
  auto same = database.champions({.problem = problem});
  if (!same)
    return same.error();
  Collector starts(most);
  starts.beginKind();
  if (auto done = addOtherIdentities(database, *same, now, problem, starts); !done)
    return done.error();

  auto others = database.champions({.soc = now.soc, .runner = now.runner});
  if (!others)
    return others.error();
  std::erase_if(*others, [&](const Champion& one) {
    return one.problem == problem || !sameKernelFamily(one.problem, problem);
  });
  std::ranges::sort(*others, {}, [&](const Champion& one) {
    return std::tuple(distance(one.problem, problem), one.environment != now, -one.lastRecorded,
                      one.problem.s0, one.environment.hash());
  });
  starts.beginKind();
  for (const Champion& one : *others)
    starts.add(startOf(WarmStart::Kind::neighbour, one));

  starts.beginKind();
  for (const Champion& one : *same)
    if (one.environment.soc != now.soc)
      starts.add(startOf(WarmStart::Kind::otherSoc, one));
  return starts.take();
}

} // namespace ptotune
