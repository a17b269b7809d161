#include "runners/sim/data/Storage.h"

#include <algorithm>
#include <span>

namespace ptotune::sim {

namespace {

constexpr std::byte kUnwritten{0xff};

} // namespace

Storage::Storage(const Spaces& spaces) : bytes_(static_cast<std::size_t>(spaces.count())) {
  for (std::int32_t space = 0; space < spaces.count(); ++space)
    bytes_[static_cast<std::size_t>(space)].assign(static_cast<std::size_t>(spaces.bytes(space)),
                                                   kUnwritten);
}

void Storage::fill(program::Tensor tensor, std::span<const Half> elements) {
  std::vector<std::byte>& bytes = bytes_[static_cast<std::size_t>(Spaces::tensor(tensor))];
  const auto given = std::as_bytes(elements);
  std::ranges::copy(given.first(std::min(bytes.size(), given.size())), bytes.begin());
}

std::vector<float> Storage::read(program::Tensor tensor) const {
  const std::vector<std::byte>& bytes = bytes_[static_cast<std::size_t>(Spaces::tensor(tensor))];
  std::vector<float> values(bytes.size() / sizeof(float));
  const auto room = std::as_writable_bytes(std::span(values));
  std::copy_n(bytes.begin(), room.size(), room.begin());
  return values;
}

void Storage::takeTensors(const Storage& other) {
  for (std::size_t space = 0; space < std::min(bytes_.size(), other.bytes_.size()); ++space)
    if (Spaces::isTensor(static_cast<std::int32_t>(space)))
      bytes_[space] = other.bytes_[space];
}

void Storage::beginCore() {
  for (std::size_t space = 0; space < bytes_.size(); ++space)
    if (!Spaces::isTensor(static_cast<std::int32_t>(space)))
      std::fill(bytes_[space].begin(), bytes_[space].end(), kUnwritten);
}

} // namespace ptotune::sim
