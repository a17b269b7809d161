#include "tuner/cli/Why.h"

#include "space/PointSet.h"
#include "tuner/Classes.h"
#include "tuner/SingleChanges.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Json.h"
#include "tuner/cli/Terminal.h"
#include "tuner/cli/Text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <random>

namespace ptotune::cli {
namespace {

// Spaces up to this many points are counted with the protocol's rules; of larger ones, draws from
// what the others leave tell how much of it is legal.
constexpr std::uint64_t kMostWithProtocol = 1'000'000;
constexpr int kDraws = 4000;
// Legal points that are gone through for the gain of single changes; more are drawn from. Fewer
// where the protocol's rules must be asked for each, and for each point that is one change away.
constexpr std::uint64_t kMostWalked = 100'000;
constexpr std::uint64_t kMostJudged = 2000;
// Changes that are told behind the best one.
constexpr std::size_t kNextChanges = 3;

// What one rule rejects that all others accept.
struct Alone {
  std::string rule;
  std::uint64_t points = 0;
  std::string advice;
};

// The text of a constraint of the space file, or the advice of a rule, for a point that it alone
// rejects.
std::string adviceOf(const Problem& problem, const Job& job, const std::string& rule,
                     const PointSet& without) {
  for (std::size_t i = 0; i < job.space.constraints.size(); ++i)
    if (rule == fmt::format("constraints[{}]", i))
      return job.space.constraints[i].text;
  std::mt19937_64 random(1);
  for (int draw = 0; draw < kDraws; ++draw) {
    const Point point = without.sample(random);
    const Explanation explanation = explain({problem, job.soc, point});
    for (const Finding& finding : explanation.rejections)
      if (finding.rule == rule)
        return finding.advice;
  }
  return "";
}

Result<std::vector<Alone>> rejectedAlone(const Problem& problem, const Job& job, RuleSet which,
                                         const Enumeration& counts) {
  std::vector<Alone> all;
  for (const auto& [rule, count] : counts.rejected) {
    // Nothing can be said of the rules behind one that they depend on.
    if (isPrecondition(rule))
      continue;
    const auto without =
        PointSet::build(problem, job.soc, job.space, {.rules = which, .without = rule});
    if (!without)
      return without.error();
    Alone alone{rule, without->count() - counts.legal, ""};
    if (alone.points > 0)
      alone.advice = adviceOf(problem, job, rule, *without);
    all.push_back(std::move(alone));
  }
  std::ranges::sort(all, [](const Alone& a, const Alone& b) {
    return std::pair(b.points, a.rule) < std::pair(a.points, b.rule);
  });
  return all;
}

// "TILE_S1=32"
std::vector<std::string> unusedValues(const PointSet& set, const Space& space) {
  std::vector<std::string> unused;
  const auto marginals = set.set().marginals();
  for (const ParamInfo& param : allParams()) {
    const auto index = set.set().model().indexOf(param.name);
    if (!index || space.domain(param.id).derived)
      continue;
    for (std::size_t i = 0; i < marginals[*index].size(); ++i)
      if (marginals[*index][i] == 0)
        unused.push_back(fmt::format("{}={}", displayName(param.id, space),
                                     valueText(param.id, space.domain(param.id).values[i])));
  }
  return unused;
}

// What the protocol says of draws from the points that the other rules leave.
struct Draws {
  int legal = 0;
  std::map<std::string, int> rejected; // by the first of its rules that a point breaks
};

Draws drawProtocol(const Problem& problem, const Job& job, const PointSet& set) {
  std::mt19937_64 random(1);
  Draws draws;
  for (int draw = 0; draw < kDraws; ++draw) {
    const Point point = set.sample(random);
    const RuleContext context{problem, job.soc, point};
    const auto broken =
        std::ranges::find_if(rules(), [&](const Rule& rule) { return !rule.holds(context); });
    if (broken == rules().end())
      ++draws.legal;
    else
      ++draws.rejected[std::string(broken->id)];
  }
  return draws;
}

std::string drawsText(const Draws& draws) {
  std::string text = fmt::format("of these, by {} draws: {:.1f} % legal", grouped(kDraws),
                                 100.0 * draws.legal / kDraws);
  for (const auto& [rule, count] : draws.rejected)
    text += fmt::format(", {:.1f} % rejected by {}", 100.0 * count / kDraws, rule);
  return text;
}

SingleChanges changesOf(const Problem& problem, const Job& job, const PointSet& set, bool whole) {
  const auto accepts = [&](const Point& point) {
    return whole || legal({problem, job.soc, point});
  };
  return singleChanges(set, job.space, accepts,
                       {.mostWalked = whole ? kMostWalked : kMostJudged, .draws = kMostJudged});
}

// Two digits of an estimate: draws tell no more.
std::string gainText(std::uint64_t gain, bool exact) {
  if (exact)
    return grouped(gain);
  std::uint64_t unit = 1;
  while (gain / unit >= 100)
    unit *= 10;
  return "about " + grouped((gain + unit / 2) / unit * unit);
}

// "setting QK_PRELOAD = 2 makes the most points legal: 640; next SlotNum = 8: 512"
std::string changesText(const SingleChanges& found, const Space& space) {
  if (found.changes.empty())
    return found.exact ? "no change of a single value makes a point legal"
                       : fmt::format("no change of a single value was seen to make a point legal, "
                                     "by {} draws",
                                     grouped(kMostJudged));
  const auto change = [&](const SingleChange& one) {
    return fmt::format("{} = {}", displayName(one.param, space), valueText(one.param, one.value));
  };
  const SingleChange& best = found.changes.front();
  std::string text = fmt::format("setting {} makes the most points legal: {}", change(best),
                                 gainText(best.gain, found.exact));
  for (std::size_t i = 1; i < std::min(found.changes.size(), kNextChanges + 1); ++i)
    text += fmt::format("{} {}: {}", i == 1 ? "; next" : ",", change(found.changes[i]),
                        gainText(found.changes[i].gain, found.exact));
  return text;
}

// Everything that is told of one problem.
struct Reasons {
  Problem problem;
  bool whole = false; // counted with the protocol's rules
  Enumeration counts;
  std::vector<Alone> alone; // the most first
  std::vector<std::string> unused;
  std::optional<Draws> draws;
  SingleChanges changes;

  bool advises() const { return !alone.empty() && alone.front().points > 0; }
};

Result<Reasons> reasonsOf(const Problem& problem, const Job& job) {
  Reasons reasons{.problem = problem, .whole = job.space.rawSize() <= kMostWithProtocol};
  const RuleSet which = reasons.whole ? RuleSet::all : RuleSet::withoutProtocol;
  auto counts = countByRule(problem, job.soc, job.space, which);
  if (!counts)
    return counts.error();
  reasons.counts = *std::move(counts);
  const auto set = PointSet::build(problem, job.soc, job.space, {.rules = which, .without = {}});
  if (!set)
    return set.error();
  auto alone = rejectedAlone(problem, job, which, reasons.counts);
  if (!alone)
    return alone.error();
  reasons.alone = *std::move(alone);
  reasons.unused = unusedValues(*set, job.space);
  if (!reasons.whole && reasons.counts.legal > 0)
    reasons.draws = drawProtocol(problem, job, *set);
  reasons.changes = changesOf(problem, job, *set, reasons.whole);
  return reasons;
}

void tell(const Reasons& reasons, const Space& space, std::size_t width) {
  fmt::print("\n{}\n", reasons.problem.text());
  Table table({Table::Align::left, Table::Align::right, Table::Align::right});
  table.row({"", "points", "by it alone"});
  table.row({"raw", grouped(reasons.counts.raw), ""});
  for (const auto& [rule, count] : reasons.counts.rejected) {
    const auto own = std::ranges::find(reasons.alone, rule, &Alone::rule);
    table.row({"rejected by " + rule, grouped(count),
               own == reasons.alone.end() ? "-" : grouped(own->points)});
  }
  table.row({reasons.whole ? "legal" : "left by these rules", grouped(reasons.counts.legal), ""});
  fmt::print("{}", table.text());
  if (reasons.draws)
    fmt::print("{}\n", wrapped(drawsText(*reasons.draws), 2, width, 2));
  if (!reasons.unused.empty())
    fmt::print("{}\n",
               wrapped(fmt::format("values of no legal point: {}", fmt::join(reasons.unused, ", ")),
                       2, width, 2));
  if (reasons.advises())
    fmt::print(
        "{}\n",
        wrapped(fmt::format("most points become legal when {} holds for them ({}): {}",
                            reasons.alone.front().rule, grouped(reasons.alone.front().points),
                            reasons.alone.front().advice),
                2, width, 2));
  const bool allLegal = reasons.counts.rejected.empty() &&
                        (reasons.whole || (reasons.draws && reasons.draws->rejected.empty()));
  if (!allLegal)
    fmt::print("{}\n", wrapped(changesText(reasons.changes, space), 2, width, 2));
}

nlohmann::ordered_json jsonOf(const Reasons& reasons, const Space& space) {
  nlohmann::ordered_json json = {{"problem", problemJson(reasons.problem)}};
  json.update(enumerationJson(reasons.counts));
  json["with_protocol"] = reasons.whole;
  json["alone"] = nlohmann::ordered_json::array();
  for (const Alone& alone : reasons.alone)
    json["alone"].push_back(
        {{"rule", alone.rule}, {"points", alone.points}, {"advice", alone.advice}});
  json["unused_values"] = reasons.unused;
  if (reasons.draws)
    json["draws"] = {
        {"count", kDraws}, {"legal", reasons.draws->legal}, {"rejected", reasons.draws->rejected}};
  else
    json["draws"] = nullptr;
  json["changes_exact"] = reasons.changes.exact;
  json["changes"] = nlohmann::ordered_json::array();
  for (const SingleChange& one : reasons.changes.changes) {
    const bool named = !info(one.param).names.empty();
    json["changes"].push_back({{"parameter", displayName(one.param, space)},
                               {"value", named ? nlohmann::json(valueText(one.param, one.value))
                                               : nlohmann::json(one.value)},
                               {"points", one.gain}});
  }
  return json;
}

} // namespace

int runWhy(const Job& job, bool json) {
  auto problems = nlohmann::ordered_json::array();
  if (!json)
    fmt::print("space {} on {}\n", job.space.name, job.soc.name);
  for (const Problem& problem : job.problems) {
    const auto reasons = reasonsOf(problem, job);
    if (!reasons)
      return fail(reasons.error());
    if (json)
      problems.push_back(jsonOf(*reasons, job.space));
    else
      tell(*reasons, job.space, terminalOf(stdout).width);
  }
  if (json)
    printJson({{"space", job.space.name}, {"soc", job.soc.name}, {"problems", problems}});
  return kSuccess;
}

} // namespace ptotune::cli
