#include "tuner/measured/Prelude.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <set>
#include <string_view>
#include <utility>

namespace ptotune {
namespace {

constexpr std::string_view kPrelude = " prelude=";
constexpr std::string_view kFirst = " first=";
constexpr char kBetweenFirst = ';';

std::string fingerprint(std::span<const Trial> told) {
  std::string text;
  for (const Trial& trial : told)
    text += fmt::format("{} {} {:x} {}\n", trial.point.hash().hex(), name(trial.status),
                        std::bit_cast<std::uint64_t>(trial.time().value_or(0)),
                        trial.programHash.hex());
  return fmt::format("{}{}:{}", kPrelude, told.size(), Hash::of(text).hex());
}

// How many trials the options of a stored search say that its prelude has; nothing where they are
// not those of `key`.
std::optional<std::size_t> preludeSize(const SearchKey& stored, const SearchKey& key) {
  const std::string begin = key.options + std::string(kPrelude);
  if (stored.searcher != key.searcher || stored.seed != key.seed ||
      !stored.options.starts_with(begin))
    return std::nullopt;
  std::size_t count = 0;
  const char* first = stored.options.data() + begin.size();
  const auto [end, error] =
      std::from_chars(first, stored.options.data() + stored.options.size(), count);
  return error == std::errc() && end != first ? std::optional(count) : std::nullopt;
}

std::string firstText(const std::vector<Point>& first) {
  std::string text(kFirst);
  for (std::size_t i = 0; i < first.size(); ++i)
    text += (i > 0 ? std::string(1, kBetweenFirst) : "") + first[i].text();
  return text;
}

// The first points that the options of a search name behind `before`; nothing where `before` is not
// how they begin, or what follows makes no sense.
std::optional<std::vector<Point>> firstOf(const std::string& options, const std::string& before) {
  const std::string begin = before + std::string(kFirst);
  if (!options.starts_with(begin))
    return std::nullopt;
  std::vector<Point> first;
  std::string_view rest = std::string_view(options).substr(begin.size());
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(kBetweenFirst), rest.size());
    const auto point = Point::parse(rest.substr(0, end), Point());
    if (!point)
      return std::nullopt;
    first.push_back(*point);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return first;
}

bool isKnowledge(const Trial& trial) {
  return trial.status != TrialStatus::constraints;
}

} // namespace

Prelude preludeOf(const SearchKey& key, const std::vector<Point>& first,
                  const std::vector<Trial>& stored, const std::vector<StoredSearch>& searches) {
  std::vector<Trial> all;
  std::ranges::copy_if(stored, std::back_inserter(all), isKnowledge);
  for (const StoredSearch& search : searches) {
    const auto count = preludeSize(search.key, key);
    if (!count)
      continue;
    std::set<Point> own;
    for (const Trial& trial : search.trials)
      own.insert(trial.point);
    std::vector<Trial> others;
    for (const Trial& trial : all)
      if (!own.contains(trial.point))
        others.push_back(trial);
    if (others.size() < *count)
      continue;
    const auto ownFirst =
        firstOf(search.key.options, key.options + fingerprint(std::span(others).first(*count)));
    if (!ownFirst)
      continue;
    const auto behind = others.begin() + static_cast<std::ptrdiff_t>(*count);
    return {.key = search.key,
            .first = *ownFirst,
            .told = {others.begin(), behind},
            .replay = search.trials,
            .another = {behind, others.end()}};
  }
  Prelude prelude{.key = key, .first = first, .told = std::move(all), .replay = {}, .another = {}};
  prelude.key.options += fingerprint(prelude.told) + firstText(first);
  return prelude;
}

void KnownTrials::add(const Trial& trial) {
  if (trial.status == TrialStatus::constraints)
    return;
  if (trial.status == TrialStatus::pruned) {
    pruned_.emplace(trial.point, trial.programHash);
    return;
  }
  const auto [known, isNew] = measured_.emplace(trial.point, trial);
  if (isNew) {
    if (!trial.programHash.empty())
      programs_.emplace(trial.programHash, trial.point);
    return;
  }
  Trial& first = known->second;
  if (trial.status != TrialStatus::correct)
    return;
  if (first.status == TrialStatus::correct)
    first.seconds.insert(first.seconds.end(), trial.seconds.begin(), trial.seconds.end());
  else
    first = trial;
}

const Trial* KnownTrials::find(const Point& point) const {
  if (const auto found = measured_.find(point); found != measured_.end())
    return &found->second;
  const auto pruned = pruned_.find(point);
  return pruned == pruned_.end() ? nullptr : ofProgram(pruned->second);
}

const Trial* KnownTrials::ofProgram(const Hash& program) const {
  const auto found = programs_.find(program);
  return found == programs_.end() ? nullptr : &measured_.at(found->second);
}

} // namespace ptotune
