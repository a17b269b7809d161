// Python's arithmetic on 64-bit integers and doubles: the meaning of every operation, once. Where
// Python raises (division by zero) or leaves 64 bits, a fault is reported in place of a value.
#pragma once

#include "space/engine/Value.h"

#include <cmath>
#include <cstdint>
#include <limits>

namespace ptotune::engine {

enum class Fault : std::uint8_t {
  none,
  division, // by zero
  overflow, // of 64 bits, or an integer above 2^53 that meets a real
  domain,   // no real result: a fraction power of a negative, a negative shift
};

constexpr std::int64_t kLargestExactReal = std::int64_t{1} << 53;

constexpr bool exactAsReal(std::int64_t value) {
  return value >= -kLargestExactReal && value <= kLargestExactReal;
}

// Rounds to minus infinity. 0 for a zero `b`; the one overflow (least value by -1) wraps.
constexpr std::int64_t floorDivide(std::int64_t a, std::int64_t b) {
  if (b == 0)
    return 0;
  if (b == -1)
    return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(a));
  const std::int64_t quotient = a / b;
  return quotient - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
}

// Has the sign of `b`; 0 for a zero `b`.
constexpr std::int64_t floorModulo(std::int64_t a, std::int64_t b) {
  if (b == -1 || b == 0)
    return 0;
  const std::int64_t rest = a % b;
  return rest + ((rest != 0 && (rest < 0) != (b < 0)) ? b : 0);
}

// base ** exponent for exponent >= 0; the value is meaningless when it overflowed.
struct Power {
  std::int64_t value = 1;
  bool overflow = false;
};
constexpr Power integerPower(std::int64_t base, std::int64_t exponent) {
  Power power;
  while (true) {
    if ((exponent & 1) != 0)
      power.overflow |= __builtin_mul_overflow(power.value, base, &power.value);
    exponent >>= 1;
    if (exponent <= 0)
      return power;
    // A base outside 32 bits has a square outside 64, and a later factor needs that square.
    if (__builtin_mul_overflow(base, base, &base)) {
      power.overflow = true;
      return power;
    }
  }
}

constexpr bool shiftOverflows(std::int64_t value, std::int64_t count) {
  if (count < 0 || value == 0)
    return count < 0;
  if (count > 62)
    return true;
  const auto shifted = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << count);
  return (shifted >> count) != value;
}
constexpr std::int64_t shiftLeft(std::int64_t value, std::int64_t count) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(value)
                                   << (static_cast<std::uint64_t>(count) & 63));
}
constexpr std::int64_t shiftRight(std::int64_t value, std::int64_t count) {
  return value >> (count < 0 ? 0 : (count > 63 ? 63 : count));
}

inline double realModulo(double a, double b) {
  const double rest = std::fmod(a, b);
  if (rest == 0)
    return std::copysign(0.0, b);
  return (b < 0) != (rest < 0) ? rest + b : rest;
}

inline double realFloorDivide(double a, double b) {
  const double rest = std::fmod(a, b);
  double quotient = (a - rest) / b;
  if (rest != 0 && (b < 0) != (rest < 0))
    quotient -= 1;
  if (quotient == 0)
    return std::copysign(0.0, a / b);
  const double floor = std::floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

inline Fault powerFault(double base, double exponent) {
  if (base == 0 && exponent < 0)
    return Fault::division;
  if (base < 0 && std::isfinite(base) && std::isfinite(exponent) &&
      exponent != std::floor(exponent))
    return Fault::domain;
  if (std::isfinite(base) && std::isfinite(exponent) && std::isinf(std::pow(base, exponent)))
    return Fault::overflow;
  return Fault::none;
}

inline bool truncatesToInteger(double value) {
  return value >= -9223372036854775808.0 && value < 9223372036854775808.0;
}

} // namespace ptotune::engine
