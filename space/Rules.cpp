#include "space/Rules.h"

#include "space/fa/FaRules.h"

#include <algorithm>
#include <cassert>

namespace ptotune {
namespace {

std::vector<Rule> collect() {
  std::vector<Rule> all;
  for (const auto group : {fa::shapeRules(), fa::capacityRules(), fa::protocolRules()})
    all.insert(all.end(), group.begin(), group.end());
  assert(all.size() <= Verdict::kMostRules);
  return all;
}

bool startsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// Whether `id` can be judged when the rule `failed` has been rejected.
bool judgeable(std::string_view id, std::string_view failed) {
  if (failed == "shape.tile")
    return id == "shape.s0" || id == "shape.s1" || id == "shape.fractal" ||
           id == "shape.acc_cols" || id == "kernel.form" || id == "resource.ffts";
  if (failed == "shape.row_slice")
    return !startsWith(id, "capacity.ub");
  // A hang leaves nothing to say about reuse.
  if (failed == "protocol.hang" || isPrecondition(failed))
    return !startsWith(id, "protocol.");
  return true;
}

// Rules by their place in rules().
using RuleBits = std::bitset<Verdict::kMostRules>;

// For each rule, those that cannot be judged behind it.
const std::vector<RuleBits>& silencedBy() {
  static const std::vector<RuleBits> all = [] {
    std::vector<RuleBits> silenced(rules().size());
    for (std::size_t failed = 0; failed < rules().size(); ++failed)
      for (std::size_t rule = failed + 1; rule < rules().size(); ++rule)
        silenced[failed][rule] = !judgeable(rules()[rule].id, rules()[failed].id);
    return silenced;
  }();
  return all;
}

} // namespace

// Rules behind these need a whole number of subtiles and of row slices, and at least one tile.
bool isPrecondition(std::string_view id) {
  return id == "kernel.form" || id == "shape.tile" || id == "shape.row_slice" || id == "shape.s1";
}

std::span<const Rule> rules() {
  static const std::vector<Rule> all = collect();
  return all;
}

Verdict check(const RuleContext& context) {
  const auto& silencedBehind = silencedBy();
  Verdict verdict;
  RuleBits silent;
  for (std::size_t i = 0; i < rules().size(); ++i) {
    if (silent[i])
      continue;
    if (rules()[i].holds(context)) {
      verdict.held.set(i);
    } else {
      verdict.rejected.set(i);
      silent |= silencedBehind[i];
    }
  }
  return verdict;
}

Explanation explain(const RuleContext& context) {
  const Verdict verdict = check(context);
  Explanation explanation;
  for (std::size_t i = 0; i < rules().size(); ++i)
    if (verdict.held[i] || verdict.rejected[i])
      rules()[i].explain(context, explanation);
  return explanation;
}

bool legal(const RuleContext& context) {
  return std::ranges::all_of(rules(), [&](const Rule& rule) { return rule.holds(context); });
}

} // namespace ptotune
