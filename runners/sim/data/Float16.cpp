#include "runners/sim/data/Float16.h"

namespace ptotune::sim {
namespace {

constexpr int kFractionBits = 13;                   // of fp32 beyond those of fp16
constexpr std::uint32_t kBias = (127U - 15U) << 23; // between the exponents
constexpr std::uint32_t kInfinity = 0x7f800000U;    // fp32
constexpr std::uint32_t kLeastNormal = 0x38800000U; // fp32 2^-14
constexpr std::uint32_t kBeyond = 0x47800000U;      // fp32 2^16: rounds to infinity always
constexpr std::uint32_t kHalfInfinity = 0x7c00U;    // fp16
constexpr std::uint32_t kHalfQuiet = 0x7e00U;       // fp16

// value / 2^shift, rounded to the nearest; shift is 1 to 31.
std::uint32_t shiftRounding(std::uint32_t value, int shift, program::Rounding rounding) {
  const std::uint32_t kept = value >> shift;
  const std::uint32_t rest = value & ((1U << shift) - 1U);
  const std::uint32_t half = 1U << (shift - 1);
  const bool tieUp = rounding == program::Rounding::tiesAway || (kept & 1U) != 0;
  return kept + (rest > half || (rest == half && tieUp) ? 1U : 0U);
}

std::uint32_t magnitude(std::uint32_t bits, program::Rounding rounding) {
  if (bits > kInfinity)
    return kHalfQuiet | (bits & 0x007fffffU) >> kFractionBits;
  if (bits >= kBeyond)
    return kHalfInfinity;
  // A carry out of the fraction runs into the exponent, up to infinity.
  if (bits >= kLeastNormal)
    return shiftRounding(bits - kBias, kFractionBits, rounding);
  // Units of 2^-24. The hidden bit becomes an ordinary one; below 2^-25 nothing is left.
  const int shift = 126 - static_cast<int>(bits >> 23);
  if (shift > 24)
    return 0;
  return shiftRounding((bits & 0x007fffffU) | 0x00800000U, shift, rounding);
}

} // namespace

float toFloat(Half half) {
  const std::uint32_t sign = (half & 0x8000U) << 16;
  const std::uint32_t rest = half & 0x7fffU;
  if (rest >= kHalfInfinity)
    return std::bit_cast<float>(sign | kInfinity | (rest & 0x03ffU) << kFractionBits);
  if (rest >= 0x0400U)
    return std::bit_cast<float>(sign | ((rest << kFractionBits) + kBias));
  // Subnormal: `rest` units of 2^-24.
  const float value = static_cast<float>(rest) * 0x1p-24F;
  return sign != 0 ? -value : value;
}

Half toHalf(float value, program::Rounding rounding) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000U;
  return static_cast<Half>(sign | magnitude(bits & 0x7fffffffU, rounding));
}

} // namespace ptotune::sim
