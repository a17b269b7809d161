#include "space/Repair.h"

#include "space/PointSet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <utility>

namespace ptotune {
namespace {

constexpr Param kDepths[] = {Param::slotNumQK, Param::slotNumP, Param::slotNumPV};

// Parameters that are set to one value together.
struct Lever {
  std::string name;
  std::vector<Param> params;
  std::vector<std::int64_t> values; // ascending; without the one that the point has
};

// One lever moved: how many values of the domain lie between.
struct Move {
  const Lever* lever = nullptr;
  std::int64_t value = 0;
  std::size_t distance = 0;
};

bool isCategory(Param param) {
  return !info(param).names.empty();
}

std::optional<Lever> leverOf(const Point& point, std::string name, std::vector<Param> params,
                             std::vector<std::int64_t> values) {
  Lever lever{std::move(name), std::move(params), std::move(values)};
  std::ranges::sort(lever.values);
  std::erase_if(lever.values, [&](std::int64_t value) {
    return std::ranges::all_of(lever.params, [&](Param p) { return point[p] == value; });
  });
  return lever.values.empty() ? std::nullopt : std::optional(std::move(lever));
}

// Whether the point gives all of them one value, so that they can go on moving together.
bool together(const Point& point, std::span<const Param> params) {
  return std::ranges::all_of(params, [&](Param p) { return point[p] == point[params.front()]; });
}

bool hasAll(std::span<const Param> params, std::span<const Param> wanted) {
  return std::ranges::all_of(wanted,
                             [&](Param p) { return std::ranges::find(params, p) != params.end(); });
}

std::vector<Lever> leversOf(const Point& point, const Space& space) {
  std::vector<Lever> levers;
  const auto add = [&](std::optional<Lever> lever) {
    if (lever)
      levers.push_back(*std::move(lever));
  };
  for (const ParamInfo& param : allParams()) {
    const Domain& domain = space.domain(param.id);
    if (domain.derived)
      continue;
    std::vector<Param> group = {param.id};
    for (const ParamInfo& other : allParams())
      if (space.domain(other.id).derived && space.domain(other.id).follows == param.id)
        group.push_back(other.id);
    if (together(point, group)) {
      add(leverOf(point, hasAll(group, kDepths) ? "SlotNum" : std::string(param.name), group,
                  domain.values));
      continue;
    }
    for (const Param member : group)
      add(leverOf(point, std::string(info(member).name), {member}, domain.values));
  }
  // Rings with depths of their own are often one depth all the same; SlotNum sets EXP_RING too.
  const std::vector<Param> rings = {Param::slotNumQK, Param::slotNumP, Param::slotNumPV,
                                    Param::expRing};
  const bool apart =
      std::ranges::none_of(rings, [&](Param ring) { return space.domain(ring).derived; });
  if (apart && together(point, kDepths))
    add(leverOf(point, "SlotNum", rings, space.domain(Param::slotNumQK).values));
  return levers;
}

// By value, from the one that the point has; a category is as near as any other.
std::vector<Move> movesOf(const Point& point, const Lever& lever) {
  std::vector<Move> moves;
  moves.reserve(lever.values.size());
  const std::int64_t from = point[lever.params.front()];
  const auto below =
      static_cast<std::size_t>(std::ranges::lower_bound(lever.values, from) - lever.values.begin());
  for (std::size_t i = 0; i < lever.values.size(); ++i)
    moves.push_back(
        {&lever, lever.values[i],
         isCategory(lever.params.front()) ? 1 : (i < below ? below - i : i - below + 1)});
  std::ranges::sort(moves, {},
                    [](const Move& move) { return std::pair(move.distance, move.value); });
  return moves;
}

class Search {
public:
  Search(const RuleContext& rejected, const Space& space)
      : context_(rejected), space_(space), levers_(leversOf(rejected.point, space)) {
    for (const Lever& lever : levers_)
      moves_.push_back(movesOf(rejected.point, lever));
  }

  std::vector<Repair> run(std::size_t most) {
    for (const std::vector<Move>& moves : moves_)
      take(moves, [](const Move& move) { return std::vector{move}; });
    if (found_.empty())
      for (std::size_t a = 0; a < moves_.size(); ++a)
        for (std::size_t b = a + 1; b < moves_.size(); ++b)
          takePairs(moves_[a], moves_[b]);
    std::ranges::sort(found_, {}, [](const Found& found) {
      return std::pair(found.distance, found.repair.text);
    });
    std::vector<Repair> nearest;
    for (Found& found : found_)
      if (nearest.size() < most)
        nearest.push_back(std::move(found.repair));
    return nearest;
  }

private:
  struct Found {
    Repair repair;
    std::size_t distance = 0;
  };

  bool isLegal(const Point& point) const {
    const RuleContext context{context_.problem, context_.soc, point};
    if (!legal(context))
      return false;
    Explanation constraints;
    explainConstraints(context, space_, constraints);
    return constraints.legal();
  }

  // The first of the moves, each with what `with` makes of it, that is legal.
  template <typename With> bool take(std::span<const Move> moves, With with) {
    for (const Move& move : moves) {
      const std::vector<Move> all = with(move);
      Found found;
      found.repair.point = context_.point;
      for (const Move& one : all) {
        for (const Param param : one.lever->params)
          found.repair.point.set(param, one.value);
        found.repair.text +=
            fmt::format("{}{}={}", found.repair.text.empty() ? "" : ",", one.lever->name,
                        valueText(one.lever->params.front(), one.value));
        found.distance += one.distance;
      }
      if (isLegal(found.repair.point)) {
        found_.push_back(std::move(found));
        return true;
      }
    }
    return false;
  }

  void takePairs(std::span<const Move> first, std::span<const Move> second) {
    if (hasAll(first.front().lever->params, second.front().lever->params) ||
        hasAll(second.front().lever->params, first.front().lever->params))
      return;
    for (const Move& move : first)
      if (take(second, [&](const Move& other) { return std::vector{move, other}; }))
        return;
  }

  const RuleContext& context_;
  const Space& space_;
  std::vector<Lever> levers_;
  std::vector<std::vector<Move>> moves_; // by lever, nearest first
  std::vector<Found> found_;
};

} // namespace

std::vector<Repair> repairs(const RuleContext& rejected, const Space& space, std::size_t most) {
  return Search(rejected, space).run(most);
}

} // namespace ptotune
