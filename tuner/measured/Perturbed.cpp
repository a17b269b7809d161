#include "tuner/measured/Perturbed.h"

#include "codegen/Lowering.h"
#include "runners/sim/Simulator.h"
#include "space/PointSet.h"
#include "tuner/Parallel.h"
#include "tuner/measured/DistinctSpace.h"
#include "tuner/search/Searchers.h"
#include "tuner/search/study/Trials.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ptotune {
namespace {

using search::Index;

// Keeps the noise of a device apart from the draws of its costs and of the search.
constexpr std::uint64_t kNoiseSeed = 0x9e3779b97f4a7c15;

// Times of all points of one problem, in seconds; infinite where a point does not finish.
struct Times {
  std::shared_ptr<const search::LegalSpace> space;
  std::optional<Index> seed;
  std::vector<std::vector<double>> byDevice; // the first is the profile as it is
};

std::vector<SocProfile> devicesOf(const SocProfile& soc, const PerturbedOptions& options) {
  std::vector<SocProfile> devices = {soc};
  devices.reserve(options.devices + 1);
  for (std::size_t i = 0; i < options.devices; ++i)
    devices.push_back(perturbed(soc, options.most, options.seed + i));
  return devices;
}

double simulated(const program::Program& program, const SocProfile& soc, const Problem& problem) {
  const sim::SimResult result = sim::simulate(program, soc, problem);
  return result.outcome == sim::Outcome::finished ? result.seconds
                                                  : std::numeric_limits<double>::infinity();
}

// After a stop times are missing.
Result<Times> timesOf(const Job& job, const Problem& problem,
                      const std::vector<SocProfile>& devices, Arena& arena,
                      TuneProgress& progress) {
  Times times;
  const Space space = distinctSpace(job, problem, arena, progress.searching());
  if (progress.stop)
    return times;
  const auto points = PointSet::build(problem, job.soc, space, {});
  if (!points)
    return points.error();
  const auto searched = search::spaceOf(*points);
  if (!searched)
    return searched.error();
  times.space = *searched;
  times.seed = points->rank(job.seed);
  times.byDevice.assign(devices.size(), std::vector<double>(points->count()));
  progress.total += points->count();
  arena.forEach(points->count(), [&](std::size_t index) {
    if (progress.stop)
      return;
    const auto kernel = lower(KernelSpec::of(problem), points->at(index), job.soc, Emit::program);
    for (std::size_t device = 0; device < devices.size(); ++device)
      times.byDevice[device][index] = kernel ? simulated(kernel->program, devices[device], problem)
                                             : std::numeric_limits<double>::infinity();
    ++progress.done;
  });
  return times;
}

// A device that is measured by a search.
class Device {
public:
  Device(const std::vector<double>& times, double noise, std::uint64_t seed)
      : times_(times), noise_(noise), random_(seed ^ kNoiseSeed),
        best_(*std::ranges::min_element(times)) {}

  search::Outcome measure(Index index) {
    const double noise = random_.normal();
    if (!std::isfinite(times_[index]))
      return {.value = std::nullopt, .cost = 1};
    return {.value = times_[index] * (1 + noise_ * noise), .cost = 1};
  }
  // How much slower than the true best, as a share.
  double loss(Index index) const { return times_[index] / best_ - 1; }

private:
  const std::vector<double>& times_;
  double noise_;
  search::Random random_;
  double best_;
};

struct Run {
  std::optional<std::size_t> found, answered;
};

Run runSearch(search::Searcher& searcher, Device device, const Times& times,
              const PerturbedOptions& options) {
  Run run;
  const auto measure = [&](Index index) {
    searcher.tell(index, device.measure(index));
    const std::size_t count = searcher.history().size();
    if (!run.found && device.loss(index) <= options.within)
      run.found = count;
    if (!run.answered && searcher.best() && device.loss(searcher.best()->index) <= options.within)
      run.answered = count;
  };
  if (times.seed)
    measure(*times.seed);
  while (searcher.history().size() < options.horizon && !run.answered) {
    const std::vector<Index> asked = searcher.ask(1);
    if (asked.empty())
      break;
    measure(asked.front());
  }
  return run;
}

// The smallest count that so large a share of the runs needs at most.
std::optional<std::size_t> quantile(std::vector<std::optional<std::size_t>> counts, double share) {
  std::ranges::sort(counts, {}, [](const std::optional<std::size_t>& count) {
    return count.value_or(std::numeric_limits<std::size_t>::max());
  });
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(counts.size())));
  return counts.at(std::max<std::size_t>(rank, 1) - 1);
}

PerturbedRow rowOf(const Problem& problem, const search::SearcherInfo& info, bool guided,
                   const std::vector<Run>& runs) {
  std::vector<std::optional<std::size_t>> found;
  std::vector<std::optional<std::size_t>> answered;
  found.reserve(runs.size());
  answered.reserve(runs.size());
  for (const Run& run : runs) {
    found.push_back(run.found);
    answered.push_back(run.answered);
  }
  constexpr double kMedian = 0.5;
  constexpr double kNinetieth = 0.9;
  return {.problem = problem,
          .search = std::string(info.name),
          .guided = guided,
          .found = {quantile(found, kMedian), quantile(found, kNinetieth)},
          .answered = {quantile(answered, kMedian), quantile(answered, kNinetieth)}};
}

std::shared_ptr<const search::Prior> priorOf(const std::vector<double>& times) {
  std::vector<search::Prior::Prediction> predictions;
  for (Index index = 0; index < times.size(); ++index)
    if (std::isfinite(times[index]))
      predictions.push_back({index, times[index]});
  return predictions.empty() ? nullptr
                             : std::make_shared<const search::Prior>(std::move(predictions));
}

PerturbedRow study(const Problem& problem, const search::SearcherInfo& info,
                   const std::shared_ptr<const search::Prior>& prior, const Times& times,
                   const PerturbedOptions& options, Arena& arena) {
  std::vector<Run> runs(options.devices);
  arena.forEach(runs.size(), [&](std::size_t i) {
    const std::uint64_t seed = options.seed + i;
    const auto searcher =
        prior ? info.makeGuided(times.space, seed, prior) : info.make(times.space, seed);
    runs[i] =
        runSearch(*searcher, Device(times.byDevice[i + 1], options.noise, seed), times, options);
  });
  return rowOf(problem, info, prior != nullptr, runs);
}

double lossOfProfile(const Times& times) {
  const std::vector<double>& profile = times.byDevice.front();
  const auto best = std::ranges::min_element(profile) - profile.begin();
  std::vector<double> losses;
  losses.reserve(times.byDevice.size() - 1);
  for (std::size_t device = 1; device < times.byDevice.size(); ++device) {
    const std::vector<double>& own = times.byDevice[device];
    losses.push_back(own[static_cast<std::size_t>(best)] / *std::ranges::min_element(own) - 1);
  }
  std::ranges::sort(losses);
  return losses[losses.size() / 2];
}

} // namespace

SocProfile perturbed(const SocProfile& soc, double most, std::uint64_t seed) {
  search::Random random(seed);
  const auto factor = [&] { return 1 - most + 2 * most * random.unit(); };
  SocProfile device = soc;
  for (PathBandwidth& path : device.paths)
    path.bytesPerSecond /= factor();
  for (VectorCost& cost : device.vectorOps) {
    const double one = factor();
    cost = {cost.head * one, cost.slope * one, cost.tail * one};
  }
  for (double* cost :
       {&device.vectorMaskFloor, &device.madHead, &device.madPerFractal16, &device.madPerFractal32,
        &device.launchSeconds, &device.scalarIssueCycles, &device.eventFlagCycles,
        &device.crossCoreFlagCycles, &device.transferLatencyCycles, &device.gmSharing.load,
        &device.gmSharing.store})
    *cost *= factor();
  device.hbmBytesPerSecond /= factor();
  device.hash =
      Hash::of(soc.hash.hex() + " perturbed " + std::to_string(most) + " " + std::to_string(seed));
  return device;
}

Result<PerturbedResult> studyPerturbed(const Job& job, const PerturbedOptions& options,
                                       TuneProgress& progress) {
  std::vector<const search::SearcherInfo*> searches;
  for (const std::string& name : options.searches) {
    const auto info = search::findSearcher(name);
    if (!info)
      return info.error();
    searches.push_back(*info);
  }
  Arena arena(options.jobs);
  const std::vector<SocProfile> devices = devicesOf(job.soc, options);
  PerturbedResult result;
  for (const Problem& problem : job.problems) {
    const auto times = timesOf(job, problem, devices, arena, progress);
    if (!times)
      return times.error();
    if (progress.stop) {
      result.interrupted = true;
      return result;
    }
    const auto prior = priorOf(times->byDevice.front());
    if (!prior)
      return Error{.message = "no point runs to its end", .key = problem.text()};
    result.points.push_back(times->space->size());
    result.profileLoss.push_back(lossOfProfile(*times));
    for (const search::SearcherInfo* info : searches) {
      if (info->makeGuided)
        result.rows.push_back(study(problem, *info, prior, *times, options, arena));
      result.rows.push_back(study(problem, *info, nullptr, *times, options, arena));
    }
  }
  return result;
}

} // namespace ptotune
