// Which of several tuned configurations answers for a shape. C++17, constexpr, without
// dependencies.
//
// One rule for everybody: libptotune calls it, and pto-tune copies what stands between the braces
// of the namespace into every header that it generates.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ptotune::tiers {
// How a lookup came to its answer.
enum class Match : std::uint8_t {
  exact = 0,            // tuned for this very shape
  nearest = 1,          // tuned for the nearest shape whose configuration serves this one as well
  fallback_default = 2, // no configuration serves it: the default point
};

// Whether the configuration may run a shape: its tiles divide it, and the key loop and the query
// rows stay within what the legality rules were asked about.
template <typename Entry> constexpr bool serves(const Entry& entry, int s0, int s1) {
  return s0 > 0 && s1 > 0 && s0 % entry.cube_s0 == 0 && s1 % entry.tile_s1 == 0 &&
         s1 / entry.tile_s1 % entry.kv_split == 0 && s0 <= entry.max_s0 &&
         s1 / entry.tile_s1 / entry.kv_split <= entry.max_tiles;
}

// a / b < c / d in exact arithmetic, for positive numbers: whole parts first, then the rests.
constexpr bool ratio_less(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  while (a / b == c / d) {
    const std::uint64_t rest_ab = a % b;
    const std::uint64_t rest_cd = c % d;
    if (rest_ab == 0 || rest_cd == 0)
      return rest_ab < rest_cd;
    // rest_ab / b < rest_cd / d exactly where d / rest_cd < b / rest_ab.
    a = d;
    c = b;
    b = rest_cd;
    d = rest_ab;
  }
  return a / b < c / d;
}

// How far two shapes are apart: |log2 of the ratio of s0| + |log2 of the ratio of s1|, kept as the
// quotient whose logarithm it is.
struct Distance {
  std::uint64_t larger;
  std::uint64_t smaller;
};

constexpr Distance distance(int a_s0, int a_s1, int b_s0, int b_s1) {
  const auto product = [](int a, int b) {
    return static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b);
  };
  return {product(a_s0 < b_s0 ? b_s0 : a_s0, a_s1 < b_s1 ? b_s1 : a_s1),
          product(a_s0 < b_s0 ? a_s0 : b_s0, a_s1 < b_s1 ? a_s1 : b_s1)};
}

constexpr bool nearer(const Distance& a, const Distance& b) {
  return ratio_less(a.larger, a.smaller, b.larger, b.smaller);
}

struct Found {
  Match match;
  std::size_t index; // of the entry; without meaning for fallback_default
};

// The answer for a shape among entries[0] .. entries[count - 1] that `concerns` selects by all that
// is not the shape. Of entries that are equally near the first one is taken.
template <typename Entry, typename Concerns>
constexpr Found find(const Entry* entries, std::size_t count, int s0, int s1, Concerns concerns) {
  Found best{Match::fallback_default, 0};
  Distance least{1, 1};
  for (std::size_t i = 0; i != count; ++i) {
    const Entry& entry = entries[i];
    if (!concerns(entry))
      continue;
    if (entry.s0 == s0 && entry.s1 == s1)
      return {Match::exact, i};
    if (!serves(entry, s0, s1))
      continue;
    const Distance here = distance(entry.s0, entry.s1, s0, s1);
    if (best.match == Match::fallback_default || nearer(here, least)) {
      best = {Match::nearest, i};
      least = here;
    }
  }
  return best;
}
} // namespace ptotune::tiers
