#include "tuner/search/bnb/Heads.h"

#include "tuner/search/bnb/Dominance.h"

#include <algorithm>
#include <bitset>
#include <limits>

namespace ptotune::search {
namespace {

constexpr Param kDepths[] = {Param::slotNumQK, Param::slotNumP, Param::slotNumPV};
// What decides most stands first, so that a prefix's bound tells early.
constexpr Param kOrder[] = {Param::pipeModel, Param::vecOrder,  Param::kvSplit,
                            Param::cubeS0,    Param::cubeS1,    Param::tileS1,
                            Param::unitFlag,  Param::qkPreload, Param::localSlotNum};

using ParamSet = std::bitset<kParamCount>;

class Builder {
public:
  Builder(const Problem& problem, const SocProfile& soc, const Space& space)
      : problem_(problem), soc_(soc), space_(space) {
    ParamSet known;
    Point point;
    for (const ParamInfo& param : allParams())
      if (!space.domain(param.id).derived && !space.domain(param.id).free()) {
        assign(space, param.id, space.domain(param.id).values.front(), point);
        learn(param.id, known);
      }
    std::vector<bool> seen(rules().size());
    ready_.push_back(newlyReady(known, seen));
    for (const Param param : kOrder) {
      learn(param, known);
      ready_.push_back(newlyReady(known, seen));
    }
    build(0, point);
  }

  std::vector<HeadNode> take() { return std::move(nodes_); }

private:
  static constexpr std::size_t kDeepest = std::size(kOrder);

  void learn(Param param, ParamSet& known) const {
    known.set(static_cast<std::size_t>(param));
    for (const ParamInfo& other : allParams())
      if (space_.domain(other.id).derived && space_.domain(other.id).follows == param)
        known.set(static_cast<std::size_t>(other.id));
  }

  std::vector<const Rule*> newlyReady(const ParamSet& known, std::vector<bool>& seen) const {
    std::vector<const Rule*> ready;
    for (std::size_t i = 0; i < rules().size(); ++i) {
      const Rule& rule = rules()[i];
      const bool knows = std::ranges::all_of(
          rule.reads, [&](Param param) { return known.test(static_cast<std::size_t>(param)); });
      if (!knows || seen[i])
        continue;
      seen[i] = true;
      ready.push_back(&rule);
    }
    return ready;
  }

  // The values of the parameter at `depth` that make different heads.
  std::vector<std::int64_t> valuesAt(std::size_t depth, const Point& point) const {
    const Param param = kOrder[depth];
    const Domain& domain = space_.domain(param);
    if (domain.derived)
      return {point[param]};
    if (leavesTime(param, point))
      return {domain.values.front()};
    return domain.values;
  }

  // The node of a prefix, or none when no head completes it.
  std::optional<std::uint32_t> build(std::size_t depth, const Point& point) {
    const RuleContext context{problem_, soc_, point};
    if (!std::ranges::all_of(ready_[depth], [&](const Rule* rule) { return rule->holds(context); }))
      return std::nullopt;
    const auto index = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back({point, std::numeric_limits<double>::infinity(), depth == kDeepest, {}});
    if (depth == kDeepest) {
      nodes_[index].bound = resourceBound(problem_, soc_, point).seconds;
      return index;
    }
    for (const std::int64_t value : valuesAt(depth, point)) {
      Point next = point;
      if (!space_.domain(kOrder[depth]).derived)
        assign(space_, kOrder[depth], value, next);
      if (const auto child = build(depth + 1, next)) {
        nodes_[index].children.push_back(*child);
        nodes_[index].bound = std::min(nodes_[index].bound, nodes_[*child].bound);
      }
    }
    if (!nodes_[index].children.empty())
      return index;
    nodes_.pop_back();
    return std::nullopt;
  }

  const Problem& problem_;
  const SocProfile& soc_;
  const Space& space_;
  std::vector<std::vector<const Rule*>> ready_; // by depth
  std::vector<HeadNode> nodes_;
};

} // namespace

std::vector<HeadNode> headTree(const Problem& problem, const SocProfile& soc, const Space& space) {
  return Builder(problem, soc, space).take();
}

Tail tailOf(const Space& space, const Point& head) {
  Tail tail;
  for (const Param param : kDepths)
    if (space.domain(param).free())
      tail.depths.push_back(param);
  for (const Param param : {Param::expRing, Param::localSlotNum})
    if (space.domain(param).free() && leavesTime(param, head))
      tail.inert.push_back(param);
  return tail;
}

void assign(const Space& space, Param param, std::int64_t value, Point& point) {
  point.set(param, value);
  for (const ParamInfo& other : allParams())
    if (space.domain(other.id).derived && space.domain(other.id).follows == param)
      point.set(other.id, value);
}

} // namespace ptotune::search
