#include "tuner/cli/Why.h"

#include "space/PointSet.h"
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

// What one rule rejects that all others accept.
struct Alone {
  std::string rule;
  std::uint64_t points = 0;
  std::string advice;
};

// The advice of a rule for a point that it alone rejects.
std::string adviceOf(const Problem& problem, const Job& job, const std::string& rule,
                     const PointSet& without) {
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
        unused.push_back(fmt::format("{}={}", param.name,
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

// Everything that is told of one problem.
struct Reasons {
  Problem problem;
  bool whole = false; // counted with the protocol's rules
  Enumeration counts;
  std::vector<Alone> alone; // the most first
  std::vector<std::string> unused;
  std::optional<Draws> draws;

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
  return reasons;
}

void tell(const Reasons& reasons, std::size_t width) {
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
}

nlohmann::ordered_json jsonOf(const Reasons& reasons) {
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
      problems.push_back(jsonOf(*reasons));
    else
      tell(*reasons, terminalOf(stdout).width);
  }
  if (json)
    printJson({{"space", job.space.name}, {"soc", job.soc.name}, {"problems", problems}});
  return kSuccess;
}

} // namespace ptotune::cli
