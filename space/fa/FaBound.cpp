// Bounds of a flash-attention point: by its resources, and by its longest path.
#include "space/Bound.h"
#include "space/fa/FaWork.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace ptotune {
namespace {

using fa::Work;

// Busy cycles of every pipe, and of both scalar units, whatever the order.
struct Loads {
  double tile = 0, unit = 0; // for each tile, for each work unit
  const char* pipe = "";
  const char* stage = "";

  double over(const fa::Layout& layout) const {
    double cycles = 0;
    for (const std::int64_t tiles : layout.tiles)
      cycles += tiles > 0 ? static_cast<double>(tiles) * tile + unit : 0;
    return cycles;
  }
};

std::vector<Loads> loads(const Work& w) {
  const auto factor = static_cast<double>(w.factor);
  const auto qk = factor * static_cast<double>(w.stepsQK);
  const auto pv = factor * static_cast<double>(w.stepsPV);
  const auto heavier = [](double a, const char* nameA, double b, const char* nameB) {
    return a >= b ? nameA : nameB;
  };
  const double softmax = factor * (w.softmax + w.convert + w.sum + w.addSum);
  const double parts = static_cast<double>(w.outParts);
  const double rescale = parts * (w.rescale + w.add);
  const double extractQK = qk * (w.leftQK + w.rightQK), extractPV = pv * (w.leftPV + w.rightPV);
  const double multiplyQK = qk * w.multiplyQK, multiplyPV = pv * w.multiplyPV;
  return {{softmax + rescale, w.resetSums + w.reset + w.first + w.normalise - rescale, "V on AIV",
           heavier(softmax, "P", rescale, "GU")},
          {factor * w.loadS + parts * w.loadO, 0, "MTE2 on AIV",
           heavier(factor * w.loadS, "P", w.loadO, "GU")},
          {factor * w.storeP, w.storeO, "MTE3 on AIV", "P"},
          {factor * (w.loadK + w.loadV + w.loadP), w.loadQ, "MTE2 on AIC",
           heavier(w.loadK, "QK", w.loadV + w.loadP, "PV")},
          {extractQK + extractPV, 0, "MTE1 on AIC", heavier(extractQK, "QK", extractPV, "PV")},
          {multiplyQK + multiplyPV, 0, "M on AIC", heavier(multiplyQK, "QK", multiplyPV, "PV")},
          {factor * w.storeQK + w.storePV, 0, "FIX on AIC",
           heavier(factor * w.storeQK, "QK", w.storePV, "PV")}};
}

// What a call takes beyond its work units.
double overhead(const Problem& problem, const SocProfile& soc, const Point& point) {
  const double combine = fa::work(problem, soc, point).combine;
  return combine > 0 ? 2 * soc.launchSeconds + combine / soc.clockHz : soc.launchSeconds;
}

} // namespace

std::string Bound::text() const {
  return fmt::format("{}: {}, {:.0f} %", pipe, stage, 100 * share);
}

Bound resourceBound(const Problem& problem, const SocProfile& soc, const Point& point) {
  const fa::Layout layout = fa::layout(problem, soc, point);
  const std::vector<Loads> all = loads(fa::work(problem, soc, point));
  const auto most =
      std::ranges::max_element(all, {}, [&](const Loads& one) { return one.over(layout); });
  return {most->over(layout) / soc.clockHz + overhead(problem, soc, point), most->pipe, most->stage,
          1};
}

Bound timeBound(const Problem& problem, const SocProfile& soc, const Point& point, Depths depths) {
  Bound bound = resourceBound(problem, soc, point);
  const double beyond = overhead(problem, soc, point);
  const double busy = bound.seconds - beyond;
  const double path = fa::longestPath(problem, soc, point, depths) / soc.clockHz;
  if (path <= busy)
    return bound;
  bound.seconds = path + beyond;
  bound.share = busy / path;
  return bound;
}

} // namespace ptotune
