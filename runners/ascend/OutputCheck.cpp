#include "runners/ascend/OutputCheck.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace ptotune::ascend {
namespace {

using sim::Half;

// SplitMix64 (Steele, Lea and Flood 2014): number `index` of a stream.
std::uint64_t mixed(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t value = seed + (index + 1) * 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

constexpr std::size_t kSampleBits = 16;

// A sample of the standard normal distribution to draw from: 2^16 numbers.
std::vector<Half> normalSample() {
  Problem problem;
  problem.head = 1;
  problem.s0 = std::int64_t{1} << kSampleBits;
  problem.s1 = 0;
  constexpr std::uint64_t kSampleSeed = 20;
  return sim::attentionInputs(problem, kSampleSeed).q;
}

void draw(const std::vector<Half>& sample, std::uint64_t seed, std::vector<Half>& values) {
  constexpr std::size_t kPerWord = 64 / kSampleBits;
  constexpr std::uint64_t kMask = (std::uint64_t{1} << kSampleBits) - 1;
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % kPerWord == 0)
      word = mixed(seed, i / kPerWord);
    values[i] = sample[word & kMask];
    word >>= kSampleBits;
  }
}

// The first element of [s0, head] that is no number, and how many there are; "" without one.
std::string oddElement(std::int64_t head, std::span<const float> out) {
  const auto finite = [](float value) { return std::isfinite(value); };
  const auto odd = std::ranges::find_if_not(out, finite);
  if (odd == out.end())
    return "";
  const std::int64_t element = odd - out.begin();
  const auto count = std::ranges::ssize(out) - std::ranges::count_if(out, finite);
  const char* what = std::bit_cast<std::uint32_t>(*odd) == kUnwritten ? "never written"
                     : std::isnan(*odd)                               ? "NaN"
                                                                      : "Inf";
  return fmt::format("{} at row {}, column {}; {} of {} elements are not finite", what,
                     element / head, element % head, count, out.size());
}

} // namespace

sim::AttentionInputs deviceInputs(const Problem& problem, std::uint64_t seed) {
  static const std::vector<Half> sample = normalSample();
  sim::AttentionInputs inputs;
  inputs.q.resize(static_cast<std::size_t>(problem.s0 * problem.head));
  inputs.k.resize(static_cast<std::size_t>(problem.s1 * problem.head));
  inputs.v.resize(inputs.k.size());
  draw(sample, mixed(seed, 0), inputs.q);
  draw(sample, mixed(seed, 1), inputs.k);
  draw(sample, mixed(seed, 2), inputs.v);
  return inputs;
}

std::vector<std::int64_t> checkedRows(const Problem& problem, std::uint64_t seed,
                                      std::int64_t multiplyAdds) {
  const std::int64_t ofRow = std::max<std::int64_t>(2 * problem.s1 * problem.head, 1);
  const std::int64_t count = std::min(problem.s0, std::max(kFewestRows, multiplyAdds / ofRow));
  std::vector<std::int64_t> rows;
  rows.reserve(static_cast<std::size_t>(count));
  for (std::int64_t part = 0; part < count; ++part) {
    const std::int64_t begin = part * problem.s0 / count;
    const std::int64_t end = (part + 1) * problem.s0 / count;
    const std::uint64_t random = mixed(seed, static_cast<std::uint64_t>(part));
    rows.push_back(begin +
                   static_cast<std::int64_t>(random % static_cast<std::uint64_t>(end - begin)));
  }
  return rows;
}

OutputCheck::OutputCheck(const Problem& problem, std::uint64_t seed)
    : problem_(problem), inputs_(deviceInputs(problem, seed)), rows_(checkedRows(problem, seed)),
      expected_(sim::attentionRows(problem, inputs_, rows_)) {}

// Of the element number `checked` of the expected ones.
OutputError OutputCheck::errorAt(std::size_t checked, std::span<const float> out) const {
  const auto head = static_cast<std::size_t>(problem_.head);
  OutputError error{.row = rows_[checked / head],
                    .column = static_cast<std::int64_t>(checked % head),
                    .expected = expected_[checked],
                    .checkedRows = static_cast<std::int64_t>(rows_.size())};
  error.value = out[static_cast<std::size_t>(error.row * problem_.head + error.column)];
  error.maxAbs = std::abs(error.value - error.expected);
  return error;
}

Judgement OutputCheck::judge(std::span<const float> out) const {
  if (std::string odd = oddElement(problem_.head, out); !odd.empty())
    return {.wrong = std::move(odd), .error = {}};
  std::size_t wrongCount = 0;
  double most = 0;
  OutputError worst;
  OutputError farthest = errorAt(0, out);
  for (std::size_t i = 0; i < expected_.size(); ++i) {
    const OutputError error = errorAt(i, out);
    // In parts of what is tolerated.
    const double excess = error.maxAbs / (sim::kTolerance * (1 + std::abs(error.expected)));
    wrongCount += excess > 1 ? 1 : 0;
    if (excess > most) {
      most = excess;
      worst = error;
    }
    if (error.maxAbs > farthest.maxAbs)
      farthest = error;
  }
  if (wrongCount == 0)
    return {.wrong = "", .error = farthest};
  return {.wrong = fmt::format(
              "worst at row {}, column {}: {:.6g}, expected {:.6g}; {} of {} checked elements "
              "beyond {:g} * (1 + |expected|), {} of {} rows checked",
              worst.row, worst.column, worst.value, worst.expected, wrongCount, expected_.size(),
              sim::kTolerance, rows_.size(), problem_.s0),
          .error = farthest};
}

} // namespace ptotune::ascend
