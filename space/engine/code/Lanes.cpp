#include "space/engine/code/Lanes.h"

namespace ptotune::engine {

namespace plain {
#include "space/engine/code/LaneLoops.inc"
} // namespace plain

#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi2"))), apply_to = function)
namespace avx2 {
#include "space/engine/code/LaneLoops.inc" // NOLINT(readability-duplicate-include)
} // namespace avx2
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,bmi2"))),   \
                             apply_to = function)
namespace avx512 {
#include "space/engine/code/LaneLoops.inc" // NOLINT(readability-duplicate-include)
} // namespace avx512
#pragma clang attribute pop
#endif

std::span<const LaneLoops> usableLaneLoops() {
  static constexpr LaneLoops kLoops[] = {
      {"plain", plain::run, plain::pack},
#if defined(__x86_64__) && defined(__clang__)
      {"avx2", avx2::run, avx2::pack},
      {"avx512", avx512::run, avx512::pack},
#endif
  };
  std::size_t usable = 1;
#if defined(__x86_64__) && defined(__clang__)
  if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi2") != 0)
    usable = 2;
  if (usable == 2 && __builtin_cpu_supports("avx512dq") != 0 &&
      __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512bw") != 0)
    usable = 3;
#endif
  return std::span(kLoops).first(usable);
}

const LaneLoops& laneLoops() {
  static const LaneLoops& widest = usableLaneLoops().back();
  return widest;
}

} // namespace ptotune::engine
