#include "space/Hash.h"

#include <fmt/format.h>

#include <charconv>
#include <xxhash.h>

namespace ptotune {

std::string Hash::hex() const {
  return fmt::format("{:016x}{:016x}", high, low);
}

Hash Hash::of(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

Hash Hash::parse(std::string_view text) {
  if (text.size() != 32)
    return {};
  Hash hash;
  const char* middle = text.data() + 16;
  const char* end = text.data() + 32;
  const auto high = std::from_chars(text.data(), middle, hash.high, 16);
  const auto low = std::from_chars(middle, end, hash.low, 16);
  const bool whole = high.ptr == middle && low.ptr == end;
  return whole && high.ec == std::errc() && low.ec == std::errc() ? hash : Hash{};
}

} // namespace ptotune
