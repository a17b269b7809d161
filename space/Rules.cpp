#include "space/Rules.h"

#include "space/fa/FaRules.h"

#include <algorithm>
#include <array>
#include <bitset>

namespace ptotune {
namespace {

using ParamSet = std::bitset<kParamCount>;

std::vector<Rule> collect() {
  std::vector<Rule> all;
  for (const auto group : {fa::shapeRules(), fa::capacityRules(), fa::protocolRules()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

// Rules behind these need a whole number of subtiles and of row slices, and at least one tile.
bool precondition(std::string_view id) {
  return id == "kernel.form" || id == "shape.tile" || id == "shape.row_slice" || id == "shape.s1";
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

// Walks the space depth first. Parameters with one value are set from the start, derived ones with
// the parameter that they follow, so that a rule fires at the first depth that knows what it reads.
class Walker {
public:
  Walker(const Problem& problem, const SocProfile& soc, const Space& space,
         const std::function<void(const Point&)>& visit)
      : problem_(problem), soc_(soc), space_(space), visit_(visit) {
    ParamSet known;
    for (const ParamInfo& param : allParams())
      if (!space.domain(param.id).derived && !space.domain(param.id).free()) {
        point_.set(param.id, space.domain(param.id).values.front());
        learn(param.id, known);
      }
    schedule(known, {});
    for (const ParamInfo& param : allParams())
      if (space.domain(param.id).free()) {
        const ParamSet before = known;
        learn(param.id, known);
        free_.push_back(param.id);
        schedule(known, before);
      }
    below_.assign(free_.size() + 1, 1);
    for (std::size_t depth = free_.size(); depth-- > 0;)
      below_[depth] = below_[depth + 1] * space.domain(free_[depth]).values.size();
  }

  Enumeration run() {
    result_.raw = space_.rawSize();
    descend(0);
    return std::move(result_);
  }

private:
  // `param` and everything that follows it become known.
  void learn(Param param, ParamSet& known) const {
    known.set(static_cast<std::size_t>(param));
    for (const ParamInfo& other : allParams())
      if (space_.domain(other.id).derived && space_.domain(other.id).follows == param)
        known.set(static_cast<std::size_t>(other.id));
  }

  void assign(Param param, std::int64_t value) {
    point_.set(param, value);
    for (const ParamInfo& other : allParams())
      if (space_.domain(other.id).derived && space_.domain(other.id).follows == param)
        point_.set(other.id, value);
  }

  // Rules whose parameters are all in `known` and were not all in `before`.
  void schedule(const ParamSet& known, const ParamSet& before) {
    const bool first = ready_.empty();
    std::vector<const Rule*> now;
    for (const Rule& rule : rules()) {
      ParamSet reads;
      for (const Param param : rule.reads)
        reads.set(static_cast<std::size_t>(param));
      const bool knows = (reads & ~known).none();
      const bool knew = !first && (reads & ~before).none();
      if (knows && !knew)
        now.push_back(&rule);
    }
    ready_.push_back(std::move(now));
  }

  void descend(std::size_t depth) {
    const RuleContext context{problem_, soc_, point_};
    for (const Rule* rule : ready_[depth])
      if (!rule->holds(context)) {
        result_.rejected[std::string(rule->id)] += below_[depth];
        return;
      }
    if (depth == free_.size()) {
      ++result_.legal;
      visit_(point_);
      return;
    }
    for (const std::int64_t value : space_.domain(free_[depth]).values) {
      assign(free_[depth], value);
      descend(depth + 1);
    }
  }

  const Problem& problem_;
  const SocProfile& soc_;
  const Space& space_;
  const std::function<void(const Point&)>& visit_;
  Point point_;
  std::vector<Param> free_;
  std::vector<std::vector<const Rule*>> ready_; // by depth
  std::vector<std::uint64_t> below_;            // full assignments under one node of this depth
  Enumeration result_;
};

} // namespace

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
    if (verdict.rejections.size() > before && precondition(rule.id))
      failed.push_back(rule.id);
  }
  return verdict;
}

bool legal(const RuleContext& context) {
  return std::ranges::all_of(rules(), [&](const Rule& rule) { return rule.holds(context); });
}

Enumeration enumerate(const Problem& problem, const SocProfile& soc, const Space& space,
                      const std::function<void(const Point&)>& visit) {
  return Walker(problem, soc, space, visit).run();
}

} // namespace ptotune
