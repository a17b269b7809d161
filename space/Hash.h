// 128-bit content hashes (XXH3), printed as 32 hexadecimal digits.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace ptotune {

struct Hash {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const Hash&) const = default;
  bool empty() const { return high == 0 && low == 0; }
  std::string hex() const;

  static Hash of(std::string_view bytes);
  // The inverse of hex(); an empty hash when `text` is not 32 hexadecimal digits.
  static Hash parse(std::string_view text);
};

} // namespace ptotune

template <> struct std::hash<ptotune::Hash> {
  std::size_t operator()(const ptotune::Hash& hash) const noexcept { return hash.low; }
};
