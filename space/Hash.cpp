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
  const auto half = [](std::string_view digits, std::uint64_t& value) {
    const char* end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, value, 16);
    return parsed.ec == std::errc() && parsed.ptr == end;
  };
  Hash hash;
  const bool whole = half(text.substr(0, 16), hash.high) && half(text.substr(16), hash.low);
  return whole ? hash : Hash{};
}

} // namespace ptotune
