#include "space/BufferTable.h"

#include <algorithm>

namespace ptotune {
namespace {

std::int64_t alignUp(std::int64_t value, std::int64_t alignment) {
  return alignment <= 1 ? value : (value + alignment - 1) / alignment * alignment;
}

bool lifetimesMeet(const Buffer& a, const Buffer& b) {
  return a.first <= b.last && b.first <= a.last;
}

std::int64_t extent(const PlacedBuffer& placed) {
  return placed.stride * placed.buffer.copies;
}

} // namespace

const PlacedBuffer* Placement::find(std::string_view name) const {
  const auto found = std::ranges::find(
      buffers, name, [](const PlacedBuffer& placed) { return placed.buffer.name; });
  return found == buffers.end() ? nullptr : &*found;
}

Placement place(const std::vector<Buffer>& table, const SocProfile& soc) {
  Placement placement;
  placement.buffers.reserve(table.size());
  for (const Buffer& buffer : table) {
    const std::int64_t align = soc.limit(buffer.memory).align;
    PlacedBuffer placed{buffer, 0, alignUp(buffer.bytes, align)};
    if (buffer.memory == Memory::gm) {
      placement.buffers.push_back(placed);
      continue;
    }
    // Everything alive together with this buffer, by address; the first gap that holds it wins.
    std::vector<std::pair<std::int64_t, std::int64_t>> taken;
    for (const PlacedBuffer& other : placement.buffers)
      if (other.buffer.memory == buffer.memory && lifetimesMeet(other.buffer, buffer))
        taken.emplace_back(other.address, other.address + extent(other));
    std::ranges::sort(taken);
    for (const auto& [begin, end] : taken) {
      if (placed.address + extent(placed) <= begin)
        break;
      placed.address = std::max(placed.address, alignUp(end, align));
    }
    auto& used = placement.used[static_cast<std::size_t>(buffer.memory)];
    used = std::max(used, placed.address + extent(placed));
    placement.buffers.push_back(placed);
  }
  return placement;
}

} // namespace ptotune
