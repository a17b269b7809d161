#include "db/configurations/Winners.h"

#include "space/Rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>

namespace ptotune {
namespace {

// Ids of environments start with `digits`: exactly one, or any where `digits` is empty.
Result<std::optional<Hash>> environmentOf(const Database& database, const std::string& digits) {
  if (digits.empty())
    return std::optional<Hash>();
  auto environments = database.environments();
  if (!environments)
    return environments.error();
  std::vector<Hash> found;
  for (const Environment& environment : *environments)
    if (environment.hash().hex().starts_with(digits))
      found.push_back(environment.hash());
  if (found.size() != 1)
    return Error{.message = found.empty() ? "the database has no such environment"
                                          : "several environments have ids that start so",
                 .file = database.path(),
                 .key = "environment",
                 .value = digits,
                 .expected = "the first digits of one environment's id",
                 .advice = fmt::format("see 'pto-tune db info --db {}'", database.path())};
  return std::optional(found.front());
}

auto identityOf(const Champion& champion) {
  const Problem& problem = champion.problem;
  return std::make_tuple(champion.environment.soc, problem.family, problem.head, problem.causal,
                         problem.dtype, problem.s0, problem.s1);
}

// Smaller is preferred.
auto preference(const Champion& champion) {
  return std::make_tuple(champion.environment.runner == kSimRunner, -champion.lastRecorded,
                         champion.environment.hash());
}

// Times of other points of a champion's problem in its environment.
struct Others {
  std::optional<double> defaultSeconds;
  std::optional<ManualBest> manual;
};

Result<Others> othersOf(const Database& database, const Champion& champion,
                        const SocProfile* profile) {
  Others others;
  const Point usual;
  const auto visit = [&](const Point& point, double seconds) {
    if (point == usual)
      others.defaultSeconds = seconds;
    const bool better = !others.manual || seconds < others.manual->seconds ||
                        (seconds == others.manual->seconds && point < others.manual->point);
    if (profile != nullptr && better &&
        manualKernelObjection({champion.problem, *profile, point}).empty())
      others.manual = ManualBest{.point = point, .seconds = seconds};
  };
  if (auto read = database.pointTimes(champion.environment.hash(), champion.problem, visit); !read)
    return read.error();
  return others;
}

} // namespace

Result<std::vector<Champion>> winners(const Database& database, const WinnerFilter& filter) {
  ChampionFilter asked;
  if (!filter.soc.empty())
    asked.soc = filter.soc;
  if (!filter.runner.empty())
    asked.runner = filter.runner;
  auto environment = environmentOf(database, filter.environment);
  if (!environment)
    return environment.error();
  asked.environment = *environment;
  auto champions = database.champions(asked);
  if (!champions)
    return champions.error();
  if (!filter.problems.empty())
    std::erase_if(*champions, [&](const Champion& champion) {
      return std::ranges::find(filter.problems, champion.problem) == filter.problems.end();
    });
  std::ranges::sort(*champions, {}, [](const Champion& champion) {
    return std::tuple_cat(identityOf(champion), preference(champion));
  });
  const auto worse = std::ranges::unique(*champions, {}, identityOf);
  champions->erase(worse.begin(), worse.end());
  return *std::move(champions);
}

Result<HeaderEntry> headerEntry(const Database& database, Champion champion,
                                const SocProfile* profile) {
  HeaderEntry entry;
  auto standing = standingOf(database, champion);
  if (!standing)
    return standing.error();
  entry.interval = standing->best.interval;
  if (profile != nullptr)
    entry.reach = reachOf(*profile, champion.problem, champion.point);
  entry.champion = std::move(champion);
  return entry;
}

Result<WinnerEntries> winnerEntries(const Database& database, const WinnerFilter& filter,
                                    Profiles& profiles) {
  auto champions = winners(database, filter);
  if (!champions)
    return champions.error();
  WinnerEntries found;
  for (Champion& champion : *champions) {
    const auto profile = profiles.find(champion.environment.soc);
    if (!profile)
      return profile.error();
    auto others = othersOf(database, champion, *profile);
    if (!others)
      return others.error();
    auto entry = headerEntry(database, std::move(champion), *profile);
    if (!entry)
      return entry.error();
    const std::string& soc = entry->champion.environment.soc;
    if (*profile == nullptr && std::ranges::find(found.unknownSocs, soc) == found.unknownSocs.end())
      found.unknownSocs.push_back(soc);
    entry->defaultSeconds = others->defaultSeconds;
    entry->manual = others->manual;
    found.entries.push_back(*std::move(entry));
  }
  return found;
}

} // namespace ptotune
