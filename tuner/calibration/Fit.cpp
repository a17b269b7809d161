#include "tuner/calibration/Fit.h"

#include "codegen/Lowering.h"
#include "runners/sim/Simulator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <nlopt.h>
#include <numeric>

namespace ptotune::calibration {
namespace {

constexpr double kMicro = 1e-6;
// Evaluations of one search, and of one that begins at the optimum of nearly the same problem.
constexpr int kSearch = 1500;
constexpr int kRefine = 400;

constexpr std::array<Constant, 8> kConstants = {{
    {"launch", 0, 50, 1, &SocProfile::launchSeconds, nullptr, kMicro},
    {"scalar_issue", 0, 60, 2, &SocProfile::scalarIssueCycles, nullptr, 1},
    {"event_flag", 0, 200, 10, &SocProfile::eventFlagCycles, nullptr, 1},
    {"cross_core_flag", 0, 2000, 50, &SocProfile::crossCoreFlagCycles, nullptr, 1},
    {"transfer_latency", 0, 1000, 20, &SocProfile::transferLatencyCycles, nullptr, 1},
    {"gm_load_contention", 0, 1, 0.03, nullptr, &GmSharing::load, 1},
    {"gm_store_contention", 0, 1, 0.03, nullptr, &GmSharing::store, 1},
    {"gm_neighbours", 1, 64, 3, nullptr, &GmSharing::neighbours, 1},
}};

struct Search {
  std::span<const Sample> samples;
  std::span<const Constant* const> free;
  const SocProfile& base;
  std::size_t leftOut; // a sample's index, or none

  SocProfile profile(const double* values) const {
    SocProfile soc = base;
    for (std::size_t i = 0; i < free.size(); ++i)
      free[i]->set(soc, values[i]);
    return soc;
  }
  double loss(const SocProfile& soc) const {
    const auto seconds = simulateAll(samples, soc);
    if (!seconds)
      return std::numeric_limits<double>::max();
    double sum = 0;
    for (std::size_t i = 0; i < samples.size(); ++i)
      if (i != leftOut)
        sum += std::pow((*seconds)[i] / samples[i].measured.seconds - 1, 2);
    return sum;
  }
};

double objective(unsigned, const double* values, double*, void* data) {
  const auto& search = *static_cast<const Search*>(data);
  return search.loss(search.profile(values));
}

Result<SocProfile> minimise(Search& search, int evaluations) {
  std::vector<double> values, least, most, step;
  for (const Constant* constant : search.free) {
    values.push_back(std::clamp(constant->get(search.base), constant->least, constant->most));
    least.push_back(constant->least);
    most.push_back(constant->most);
    step.push_back(constant->step);
  }
  const auto size = static_cast<unsigned>(values.size());
  const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> opt(
      nlopt_create(NLOPT_LN_SBPLX, size), nlopt_destroy);
  nlopt_set_min_objective(opt.get(), objective, &search);
  nlopt_set_lower_bounds(opt.get(), least.data());
  nlopt_set_upper_bounds(opt.get(), most.data());
  nlopt_set_initial_step(opt.get(), step.data());
  nlopt_set_xtol_rel(opt.get(), 1e-4);
  nlopt_set_maxeval(opt.get(), evaluations);
  double best = 0;
  if (nlopt_optimize(opt.get(), values.data(), &best) < 0)
    return Error{.message = "the search for the constants failed",
                 .advice = "fit fewer constants with --free"};
  // As many digits as the profile's file gets, so that both say the same.
  for (double& value : values)
    value = std::stod(fmt::format("{:.4g}", value));
  return search.profile(values.data());
}

std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> rank(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && values[order[end]] == values[order[i]])
      ++end;
    for (std::size_t k = i; k < end; ++k)
      rank[order[k]] = static_cast<double>(i + end - 1) / 2;
    i = end;
  }
  return rank;
}

} // namespace

std::span<const Constant> constants() {
  return kConstants;
}

const Constant* findConstant(std::string_view key) {
  const auto found = std::ranges::find(kConstants, key, &Constant::key);
  return found == kConstants.end() ? nullptr : &*found;
}

std::vector<const Constant*> usualConstants() {
  return {findConstant("launch"), findConstant("gm_store_contention"),
          findConstant("gm_neighbours")};
}

Result<std::vector<Sample>> lowerAll(const std::vector<Measurement>& measurements,
                                     const SocProfile& soc, const std::string& file) {
  std::vector<Sample> samples;
  for (const Measurement& m : measurements) {
    const auto refuse = [&](std::string message, std::string key, std::string value,
                            std::string expected) {
      return Error{.message = std::move(message),
                   .file = file,
                   .line = m.line,
                   .key = std::move(key),
                   .value = std::move(value),
                   .expected = std::move(expected)};
    };
    if (m.soc != soc.name)
      return refuse("the measurement is of another SoC", "soc", m.soc, soc.name);
    auto kernel = lower(KernelSpec::of(m.problem), m.point, soc, Emit::program);
    if (!kernel)
      return refuse("the point has no kernel: " + kernel.error().message, "", m.point.text(),
                    "a legal point");
    if (m.syncPeriod > 0)
      for (program::FifoInfo& fifo : kernel->program.fifos)
        fifo.syncPeriod = m.syncPeriod;
    const auto code = sim::compile(kernel->program, soc);
    if (!code)
      return code.error();
    const std::int64_t active = sim::activeCores(**code, m.problem);
    if (m.cores != 0 && active != m.cores)
      return refuse("the number of cores does not fit the point", "cores", std::to_string(m.cores),
                    std::to_string(active));
    samples.push_back({m, std::move(kernel->program)});
    samples.back().measured.cores = active;
  }
  return samples;
}

Result<std::vector<double>> simulateAll(std::span<const Sample> samples, const SocProfile& soc) {
  std::vector<double> seconds;
  for (const Sample& sample : samples) {
    const sim::SimResult result = sim::simulate(sample.program, soc, sample.measured.problem);
    if (result.outcome != sim::Outcome::finished)
      return Error{.message = fmt::format("the run does not finish: {}", result.detailText()),
                   .line = sample.measured.line};
    seconds.push_back(result.seconds);
  }
  return seconds;
}

Result<Fitted> fit(std::span<const Sample> samples, const SocProfile& soc,
                   std::span<const Constant* const> free) {
  // Every sample has to run once; after that no constant makes it fail.
  if (const auto first = simulateAll(samples, soc); !first)
    return first.error();
  Search search{samples, free, soc, samples.size()};
  auto best = minimise(search, kSearch);
  if (!best)
    return best.error();
  Fitted fitted{*best, {}, {}};
  auto seconds = simulateAll(samples, fitted.soc);
  if (!seconds)
    return seconds.error();
  fitted.seconds = *std::move(seconds);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    Search others{samples, free, fitted.soc, i};
    auto without = minimise(others, kRefine);
    if (!without)
      return without.error();
    const auto alone = simulateAll(samples.subspan(i, 1), *without);
    if (!alone)
      return alone.error();
    fitted.leftOut.push_back(alone->front());
  }
  return fitted;
}

std::vector<GroupError> groupErrors(std::span<const Sample> samples, const Fitted& fitted) {
  std::vector<GroupError> groups;
  for (const Sample& sample : samples)
    if (std::ranges::find(groups, sample.measured.group(), &GroupError::group) == groups.end())
      groups.push_back({.group = sample.measured.group()});
  for (GroupError& group : groups) {
    std::vector<double> measured, simulated;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const Measurement& m = samples[i].measured;
      if (m.group() != group.group)
        continue;
      measured.push_back(m.seconds);
      simulated.push_back(fitted.seconds[i]);
      group.mape += std::abs(fitted.seconds[i] / m.seconds - 1);
      group.leftOut += std::abs(fitted.leftOut[i] / m.seconds - 1);
    }
    group.rows = measured.size();
    group.mape /= static_cast<double>(group.rows);
    group.leftOut /= static_cast<double>(group.rows);
    group.rank = rankCorrelation(measured, simulated);
  }
  return groups;
}

double rankCorrelation(std::span<const double> a, std::span<const double> b) {
  const std::vector<double> x = ranks(a);
  const std::vector<double> y = ranks(b);
  const double mean = (static_cast<double>(x.size()) - 1) / 2;
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

} // namespace ptotune::calibration
