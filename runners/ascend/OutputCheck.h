// What a kernel is given, and whether what it answers is right.
//
// Small problems are checked whole, of large ones some query rows: fp64 attention of a row costs
// 2 * s1 * head multiply-adds and needs no other row. Every element is looked at for NaN and Inf.
#pragma once

#include "db/Trial.h"
#include "runners/sim/data/Reference.h"
#include "space/Problem.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ptotune::ascend {

// Standard normal numbers in fp16, the same for a seed on every host; tens of millions in a
// fraction of a second.
sim::AttentionInputs deviceInputs(const Problem& problem, std::uint64_t seed);

// The rows that are checked: all of them where that takes at most `multiplyAdds`, else as many as
// that allows (at least kFewestRows), one from each of equal parts of the query, ascending.
inline constexpr std::int64_t kFewestRows = 8;
inline constexpr std::int64_t kMultiplyAdds = std::int64_t{1} << 28;
std::vector<std::int64_t> checkedRows(const Problem& problem, std::uint64_t seed,
                                      std::int64_t multiplyAdds = kMultiplyAdds);

// Bits of an element of the output before the kernel ran; no instruction makes this NaN.
inline constexpr std::uint32_t kUnwritten = 0xffffffff;

// What is to be said of an answer.
struct Judgement {
  std::string wrong; // "": nothing; else the first odd element, or the one that is worst
  // Over the checked rows; nothing where some element is NaN or Inf.
  std::optional<OutputError> error;
};

// An answer's expected numbers, and how far one is from them.
class OutputCheck {
public:
  OutputCheck(const Problem& problem, std::uint64_t seed);

  const sim::AttentionInputs& inputs() const { return inputs_; }
  std::size_t rows() const { return rows_.size(); }
  // Of [s0, head]. An element is right within sim::kTolerance * (1 + |expected|); the worst one is
  // told with its row and column, what stands there and what was expected.
  Judgement judge(std::span<const float> out) const;

private:
  OutputError errorAt(std::size_t checked, std::span<const float> out) const;

  Problem problem_;
  sim::AttentionInputs inputs_;
  std::vector<std::int64_t> rows_;
  std::vector<double> expected_; // of rows_
};

} // namespace ptotune::ascend
