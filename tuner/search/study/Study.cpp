#include "tuner/search/study/Study.h"

#include "tuner/Parallel.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ptotune::search {
namespace {

constexpr std::size_t kResamples = 500;
constexpr double kTail = 0.025;

double meanOf(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Interval intervalOf(std::vector<double> values) {
  std::ranges::sort(values);
  const auto last = static_cast<double>(values.size() - 1);
  return {values[static_cast<std::size_t>(std::floor(kTail * last))],
          values[static_cast<std::size_t>(std::ceil((1 - kTail) * last))]};
}

// Seeds of repeats differ in many bits, and do not depend on how many repeats there are
// (SplitMix64, G. Steele, D. Lea and C. Flood, OOPSLA 2014).
std::uint64_t seedOf(std::uint64_t seed, std::uint64_t repeat) {
  std::uint64_t mixed = seed + (repeat + 1) * 0x9E3779B97F4A7C15U;
  mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
  return mixed ^ (mixed >> 31U);
}

// Median of the numbers of evaluations, where most repeats have one.
std::optional<double> medianOf(std::vector<std::optional<std::size_t>> counts) {
  std::ranges::sort(counts, [](const auto& a, const auto& b) { return a && (!b || *a < *b); });
  const auto& low = counts[(counts.size() - 1) / 2];
  const auto& high = counts[counts.size() / 2];
  if (!high)
    return std::nullopt;
  return (static_cast<double>(*low) + static_cast<double>(*high)) / 2;
}

EvaluationsTo evaluationsOf(std::span<const ReplayRun> runs, const Recording& recording,
                            double optimum) {
  const auto within = [&](double factor) {
    std::vector<std::optional<std::size_t>> counts;
    for (const ReplayRun& run : runs)
      counts.push_back(evaluationsTo(run, recording, optimum * factor));
    return medianOf(std::move(counts));
  };
  return {within(1.05), within(1.01)};
}

void setScores(StudyEntry& entry, const RankCurves& curves, const Yardstick& stick,
               std::uint64_t seed) {
  std::vector<std::uint32_t> chosen(curves.repeats());
  std::iota(chosen.begin(), chosen.end(), 0U);
  const auto performance = [&] {
    return stick.performance(curves.mean(chosen, stick.values().size()));
  };
  entry.curve = performance();
  entry.score = meanOf(entry.curve);
  Random random(seed);
  // More repeats need fewer samples for the same work: their interval is narrow.
  const std::size_t samples =
      std::clamp<std::size_t>(kResamples * 100 / chosen.size(), 100, kResamples);
  for (std::size_t i = 0; i < samples; ++i) {
    for (std::uint32_t& repeat : chosen)
      repeat = static_cast<std::uint32_t>(random.below(curves.repeats()));
    entry.resampled.push_back(meanOf(performance()));
  }
  entry.interval = intervalOf(entry.resampled);
}

StudyEntry entryOf(const Entrant& entrant, const Recording& recording, const Yardstick& stick,
                   const StudyOptions& options, std::vector<ReplayRun> runs) {
  StudyEntry entry{.searcher = entrant.name, .space = recording.name};
  RankCurves curves(runs.size());
  double seconds = 0;
  for (std::size_t r = 0; r < runs.size(); ++r) {
    rankCurve(runs[r], recording, stick, curves.of(r));
    entry.evaluated += static_cast<double>(runs[r].steps.size());
    seconds += runs[r].ownSeconds;
  }
  entry.ownMicroseconds = entry.evaluated > 0 ? 1e6 * seconds / entry.evaluated : 0;
  entry.evaluated /= static_cast<double>(runs.size());
  setScores(entry, curves, stick, options.seed);
  entry.evaluations = evaluationsOf(runs, recording, stick.optimum());
  if (options.keepRuns)
    entry.runs = std::move(runs);
  return entry;
}

StudyTotal totalOf(std::span<const StudyEntry> entries) {
  StudyTotal total{.searcher = entries.front().searcher};
  const auto count = static_cast<double>(entries.size());
  std::vector<double> resampled(kResamples, 0);
  for (const StudyEntry& entry : entries) {
    total.score += entry.score / count;
    total.ownMicroseconds = std::max(total.ownMicroseconds, entry.ownMicroseconds);
    for (std::size_t i = 0; i < kResamples; ++i)
      resampled[i] += entry.resampled[i % entry.resampled.size()] / count;
  }
  total.interval = intervalOf(std::move(resampled));
  return total;
}

} // namespace

Result<StudyResult> runStudy(std::span<const Recording> recordings,
                             std::span<const Entrant> entrants, const StudyOptions& options) {
  std::vector<Yardstick> sticks;
  for (const Recording& recording : recordings) {
    auto stick = Yardstick::make(recording);
    if (!stick)
      return stick.error();
    sticks.push_back(*std::move(stick));
  }
  Arena arena(options.threads);
  StudyResult result;
  for (const Entrant& entrant : entrants) {
    // All runs of a strategy are one loop, so that no thread waits at the end of a space.
    std::vector<std::vector<ReplayRun>> runs(recordings.size(),
                                             std::vector<ReplayRun>(options.repeats));
    arena.forEach(recordings.size() * options.repeats, [&](std::size_t task) {
      const std::size_t s = task / options.repeats;
      const std::size_t repeat = task % options.repeats;
      const auto search = entrant.make(recordings[s].space, seedOf(options.seed, repeat));
      runs[s][repeat] = replay(*search, recordings[s], sticks[s], options.stopAtOptimum);
    });
    std::vector<StudyEntry> entries(recordings.size());
    arena.forEach(recordings.size(), [&](std::size_t s) {
      entries[s] = entryOf(entrant, recordings[s], sticks[s], options, std::move(runs[s]));
    });
    result.totals.push_back(totalOf(entries));
    std::ranges::move(entries, std::back_inserter(result.entries));
  }
  return result;
}

} // namespace ptotune::search
