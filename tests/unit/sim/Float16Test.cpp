// Conversions between fp16 and fp32, exhaustively, against values built from the format's
// definition.
#include "runners/sim/data/Float16.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace ptotune::sim {
namespace {

using program::Rounding;

constexpr Half kSign = 0x8000;
constexpr Half kInfinity = 0x7c00;
constexpr float kInf = std::numeric_limits<float>::infinity();

// The value of a finite fp16 number without sign: 5 bits of exponent, 10 of fraction.
double decoded(Half half) {
  const int exponent = half >> 10 & 0x1f;
  const int fraction = half & 0x3ff;
  return exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
}

float midpoint(Half below) {
  const double above = below + 1 == kInfinity ? 65536.0 : decoded(static_cast<Half>(below + 1));
  return static_cast<float>((decoded(below) + above) / 2); // exact: one bit more than fp16 has
}

TEST(Float16, WidensEveryValue) {
  for (unsigned bits = 0; bits <= 0xffff; ++bits) {
    const auto half = static_cast<Half>(bits);
    const auto rest = static_cast<Half>(half & ~kSign);
    const float value = toFloat(half);
    ASSERT_EQ(std::signbit(value), (half & kSign) != 0) << bits;
    if (rest > kInfinity)
      ASSERT_TRUE(std::isnan(value)) << bits;
    else if (rest == kInfinity)
      ASSERT_TRUE(std::isinf(value)) << bits;
    else
      ASSERT_EQ(std::abs(static_cast<double>(value)), decoded(rest)) << bits;
  }
}

TEST(Float16, ComesBackFromFp32) {
  for (unsigned bits = 0; bits <= 0xffff; ++bits) {
    const auto half = static_cast<Half>(bits);
    for (const Rounding rounding : {Rounding::tiesToEven, Rounding::tiesAway}) {
      const Half back = toHalf(toFloat(half), rounding);
      if ((half & ~kSign) > kInfinity)
        ASSERT_TRUE(std::isnan(toFloat(back)) && (back & kSign) == (half & kSign)) << bits;
      else
        ASSERT_EQ(back, half) << bits;
    }
  }
}

// Between every two neighbours, up to the largest number and infinity: the middle, and the fp32
// numbers next to it.
TEST(Float16, RoundsEveryTie) {
  for (Half below = 0; below < kInfinity; ++below) {
    const auto above = static_cast<Half>(below + 1);
    const float middle = midpoint(below);
    for (const Half sign : {Half{0}, kSign}) {
      const auto signedFloat = [sign](float value) { return sign != 0 ? -value : value; };
      const auto with = [sign](Half half) { return static_cast<Half>(half | sign); };
      const Half even = below % 2 == 0 ? below : above;
      ASSERT_EQ(toHalf(signedFloat(middle), Rounding::tiesToEven), with(even)) << below;
      ASSERT_EQ(toHalf(signedFloat(middle), Rounding::tiesAway), with(above)) << below;
      for (const Rounding rounding : {Rounding::tiesToEven, Rounding::tiesAway}) {
        ASSERT_EQ(toHalf(signedFloat(std::nextafter(middle, 0.0F)), rounding), with(below));
        ASSERT_EQ(toHalf(signedFloat(std::nextafter(middle, kInf)), rounding), with(above));
      }
    }
  }
}

TEST(Float16, RoundsToTheNearest) {
  std::vector<double> values;
  values.reserve(kInfinity);
  for (Half half = 0; half < kInfinity; ++half)
    values.push_back(decoded(half));
  std::mt19937 random(16);
  for (int i = 0; i < 200'000; ++i) {
    // Exponents from where everything becomes 0 to the largest number.
    const auto exponent = static_cast<std::uint32_t>(127 - 27 + random() % 42);
    const auto fraction = static_cast<std::uint32_t>(random() & 0x007fffffU);
    const auto value = std::bit_cast<float>(exponent << 23 | fraction);
    if (value > 65504.0F)
      continue;
    const auto above = std::lower_bound(values.begin(), values.end(), value);
    const auto index = static_cast<std::size_t>(above - values.begin());
    const double down = index == 0 ? 0 : value - values[index - 1];
    const bool up = index == 0 || values[index] - value < down;
    if (index > 0 && values[index] - value == down)
      continue; // a tie
    ASSERT_EQ(toHalf(value), up ? index : index - 1) << value;
  }
}

struct Case {
  float value;
  Half toEven;
  Half away;
};

// IEEE 754-2008, 4.3.1: what overflows becomes infinite; what underflows becomes zero.
TEST(Float16, EndsOfTheRange) {
  const Case cases[] = {
      {0x1p-25F, 0x0000, 0x0001},           // half of the least subnormal
      {0x1.000002p-25F, 0x0001, 0x0001},    // the next fp32 number
      {0x1.fffffep-26F, 0x0000, 0x0000},    // the one before
      {0x1p-149F, 0x0000, 0x0000},          // the least fp32 number
      {0x1.fffp-15F, 0x0400, 0x0400},       // carries from subnormal to normal
      {65504.0F, 0x7bff, 0x7bff},           // the largest
      {65519.99609375F, 0x7bff, 0x7bff},    // below the middle to 65536
      {65520.0F, 0x7c00, 0x7c00},           // the middle
      {3.0e38F, 0x7c00, 0x7c00},            //
      {kInf, 0x7c00, 0x7c00},               //
      {1.0F + 0x1p-11F, 0x3c00, 0x3c01},    // a tie above 1
      {1.0F + 3 * 0x1p-11F, 0x3c02, 0x3c02} // a tie that rounds up in both
  };
  for (const Case& c : cases) {
    EXPECT_EQ(toHalf(c.value, Rounding::tiesToEven), c.toEven) << c.value;
    EXPECT_EQ(toHalf(c.value, Rounding::tiesAway), c.away) << c.value;
    EXPECT_EQ(toHalf(-c.value, Rounding::tiesToEven), c.toEven | kSign) << c.value;
    EXPECT_EQ(toHalf(-c.value, Rounding::tiesAway), c.away | kSign) << c.value;
  }
}

} // namespace
} // namespace ptotune::sim
