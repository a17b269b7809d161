#include "tuner/diff/DatabaseDiff.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ptotune {
namespace {

bool sameQuestion(const Champion& a, const Champion& b) {
  return a.environment.soc == b.environment.soc && a.environment.runner == b.environment.runner &&
         a.problem == b.problem;
}

// Of each question the first, which champions() takes from the newest environment.
Result<std::vector<Champion>> newest(const Database& database) {
  auto all = database.champions();
  if (!all)
    return all.error();
  std::vector<Champion> kept;
  for (Champion& champion : *all) {
    const auto same = [&](const Champion& other) { return sameQuestion(champion, other); };
    if (std::ranges::none_of(kept, same))
      kept.push_back(std::move(champion));
  }
  return kept;
}

} // namespace

std::vector<Change> ChampionChange::changes() const {
  return before && after ? changesOf(before->point, after->point) : std::vector<Change>();
}

double ChampionChange::ratio() const {
  return before && after ? after->seconds / before->seconds : 1.0;
}

Result<std::vector<ChampionChange>> diffDatabases(const Database& before, const Database& after) {
  const auto old = newest(before);
  if (!old)
    return old.error();
  const auto now = newest(after);
  if (!now)
    return now.error();
  std::vector<ChampionChange> changes;
  changes.reserve(old->size() + now->size());
  for (const Champion& champion : *old)
    changes.push_back({champion, std::nullopt});
  for (const Champion& champion : *now) {
    const auto known = std::ranges::find_if(changes, [&](const ChampionChange& change) {
      return change.before && sameQuestion(*change.before, champion);
    });
    if (known != changes.end())
      known->after = champion;
    else
      changes.push_back({std::nullopt, champion});
  }
  return changes;
}

std::vector<std::string> environmentChanges(const Environment& before, const Environment& after) {
  std::vector<std::string> lines;
  const auto compare = [&](const char* what, const std::string& from, const std::string& to) {
    if (from != to)
      lines.push_back(
          fmt::format("{} {} -> {}", what, from.empty() ? "none" : from, to.empty() ? "none" : to));
  };
  constexpr std::size_t kShownDigits = 8;
  compare("SoC profile", before.socHash.hex().substr(0, kShownDigits),
          after.socHash.hex().substr(0, kShownDigits));
  compare("runner version", before.runnerVersion, after.runnerVersion);
  compare("toolchain", before.toolchain, after.toolchain);
  compare("pto-tune", before.toolVersion, after.toolVersion);
  return lines;
}

} // namespace ptotune
