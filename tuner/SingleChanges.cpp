#include "tuner/SingleChanges.h"

#include "tuner/Classes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <utility>

namespace ptotune {
namespace {

class Gains {
public:
  Gains(const PointSet& candidates, const Space& space,
        const std::function<bool(const Point&)>& accepts)
      : candidates_(candidates), space_(space), accepts_(accepts) {
    for (const ParamInfo& param : allParams())
      gains_[index(param.id)].resize(space.domain(param.id).values.size());
  }

  // Adds what one point of the candidates tells: nothing where it is not legal.
  void look(const Point& point) {
    if (!accepts_(point))
      return;
    for (const ParamInfo& param : allParams()) {
      const Domain& domain = space_.domain(param.id);
      if (!domain.free())
        continue;
      const auto at = std::ranges::find(domain.values, point[param.id]) - domain.values.begin();
      gains_[index(param.id)][static_cast<std::size_t>(at)] += illegalNeighbours(point, param.id);
    }
  }

  // Every point looked at stands for `scale` points. The largest gain first.
  std::vector<SingleChange> changes(double scale) const {
    std::vector<SingleChange> all;
    std::vector<std::pair<Param, std::size_t>> order;
    for (const ParamInfo& param : allParams())
      for (std::size_t i = 0; i < gains_[index(param.id)].size(); ++i)
        if (gains_[index(param.id)][i] > 0)
          order.emplace_back(param.id, i);
    std::ranges::sort(order, [&](const auto& a, const auto& b) {
      return std::pair(gainOf(b), a) < std::pair(gainOf(a), b);
    });
    all.reserve(order.size());
    for (const auto& [param, i] : order)
      all.push_back({param, space_.domain(param).values[i],
                     static_cast<std::uint64_t>(
                         std::llround(static_cast<double>(gainOf({param, i})) * scale))});
    return all;
  }

private:
  std::uint64_t gainOf(const std::pair<Param, std::size_t>& change) const {
    return gains_[index(change.first)][change.second];
  }
  static std::size_t index(Param param) { return static_cast<std::size_t>(param); }

  std::uint64_t illegalNeighbours(const Point& point, Param param) const {
    std::uint64_t count = 0;
    Point other = point;
    for (const std::int64_t value : space_.domain(param).values) {
      assign(param, value, space_, other);
      const bool legal = other == point || (candidates_.contains(other) && accepts_(other));
      count += legal ? 0 : 1;
    }
    return count;
  }

  const PointSet& candidates_;
  const Space& space_;
  const std::function<bool(const Point&)>& accepts_;
  std::array<std::vector<std::uint64_t>, kParamCount> gains_; // by value of the domain
};

} // namespace

SingleChanges singleChanges(const PointSet& candidates, const Space& space,
                            const std::function<bool(const Point&)>& accepts,
                            const SingleChangeOptions& options) {
  Gains gains(candidates, space, accepts);
  if (candidates.count() <= options.mostWalked) {
    candidates.forEach([&](const Point& point) { gains.look(point); });
    return {.changes = gains.changes(1), .exact = true};
  }
  std::mt19937_64 random(options.seed);
  for (std::uint64_t draw = 0; draw < options.draws; ++draw)
    gains.look(candidates.sample(random));
  const double scale = static_cast<double>(candidates.count()) / static_cast<double>(options.draws);
  return {.changes = gains.changes(scale), .exact = false};
}

} // namespace ptotune
