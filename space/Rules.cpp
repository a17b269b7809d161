#include "space/Rules.h"

#include "space/fa/FaRules.h"

#include <algorithm>

namespace ptotune {
namespace {

std::vector<Rule> collect() {
  std::vector<Rule> all;
  for (const auto group : {fa::shapeRules(), fa::capacityRules(), fa::protocolRules()})
    all.insert(all.end(), group.begin(), group.end());
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
  return !startsWith(id, "protocol.");
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
  Verdict verdict;
  std::vector<std::string_view> failed;
  for (const Rule& rule : rules()) {
    const bool can = std::ranges::all_of(
        failed, [&](std::string_view before) { return judgeable(rule.id, before); });
    if (!can)
      continue;
    const std::size_t before = verdict.rejections.size();
    rule.explain(context, verdict);
    if (verdict.rejections.size() > before && isPrecondition(rule.id))
      failed.push_back(rule.id);
  }
  return verdict;
}

bool legal(const RuleContext& context) {
  return std::ranges::all_of(rules(), [&](const Rule& rule) { return rule.holds(context); });
}

} // namespace ptotune
