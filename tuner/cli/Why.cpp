#include "tuner/cli/Why.h"

#include "space/PointSet.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Terminal.h"
#include "tuner/cli/Text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
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
    const Verdict verdict = check({problem, job.soc, without.sample(random)});
    for (const Finding& finding : verdict.rejections)
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

std::string unusedValues(const PointSet& set, const Space& space) {
  std::string text;
  const auto marginals = set.set().marginals();
  for (const ParamInfo& param : allParams()) {
    const auto index = set.set().model().indexOf(param.name);
    if (!index || space.domain(param.id).derived)
      continue;
    for (std::size_t i = 0; i < marginals[*index].size(); ++i)
      if (marginals[*index][i] == 0)
        text += fmt::format("{}{}={}", text.empty() ? "" : ", ", param.name,
                            valueText(param.id, space.domain(param.id).values[i]));
  }
  return text;
}

// The share of the points left by the other rules that the protocol accepts, and by which of its
// rules the others fall, from draws.
std::string drawnProtocol(const Problem& problem, const Job& job, const PointSet& set) {
  std::mt19937_64 random(1);
  int legalCount = 0;
  std::map<std::string, int> rejected;
  for (int draw = 0; draw < kDraws; ++draw) {
    const Point point = set.sample(random);
    const RuleContext context{problem, job.soc, point};
    const auto broken =
        std::ranges::find_if(rules(), [&](const Rule& rule) { return !rule.holds(context); });
    if (broken == rules().end())
      ++legalCount;
    else
      ++rejected[std::string(broken->id)];
  }
  std::string text = fmt::format("of these, by {} draws: {:.1f} % legal", grouped(kDraws),
                                 100.0 * legalCount / kDraws);
  for (const auto& [rule, count] : rejected)
    text += fmt::format(", {:.1f} % rejected by {}", 100.0 * count / kDraws, rule);
  return text;
}

Status tell(const Problem& problem, const Job& job, std::size_t width) {
  const bool whole = job.space.rawSize() <= kMostWithProtocol;
  const RuleSet which = whole ? RuleSet::all : RuleSet::withoutProtocol;
  const auto counts = countByRule(problem, job.soc, job.space, which);
  if (!counts)
    return counts.error();
  const auto set = PointSet::build(problem, job.soc, job.space, {.rules = which, .without = {}});
  if (!set)
    return set.error();
  const auto alone = rejectedAlone(problem, job, which, *counts);
  if (!alone)
    return alone.error();
  fmt::print("\n{}\n", problem.text());
  Table table({Table::Align::left, Table::Align::right, Table::Align::right});
  table.row({"", "points", "by it alone"});
  table.row({"raw", grouped(counts->raw), ""});
  for (const auto& [rule, count] : counts->rejected) {
    const auto own = std::ranges::find(*alone, rule, &Alone::rule);
    table.row(
        {"rejected by " + rule, grouped(count), own == alone->end() ? "-" : grouped(own->points)});
  }
  table.row({whole ? "legal" : "left by these rules", grouped(counts->legal), ""});
  fmt::print("{}", table.text());
  if (!whole && counts->legal > 0)
    fmt::print("{}\n", wrapped(drawnProtocol(problem, job, *set), 2, width, 2));
  if (const std::string unused = unusedValues(*set, job.space); !unused.empty())
    fmt::print("{}\n", wrapped("values of no legal point: " + unused, 2, width, 2));
  if (!alone->empty() && alone->front().points > 0)
    fmt::print("{}\n",
               wrapped(fmt::format("most points become legal when {} holds for them ({}): {}",
                                   alone->front().rule, grouped(alone->front().points),
                                   alone->front().advice),
                       2, width, 2));
  return {};
}

} // namespace

int runWhy(const Job& job) {
  const std::size_t width = terminalOf(stdout).width;
  fmt::print("space {} on {}\n", job.space.name, job.soc.name);
  for (const Problem& problem : job.problems)
    if (auto status = tell(problem, job, width); !status)
      return fail(status.error());
  return kSuccess;
}

} // namespace ptotune::cli
