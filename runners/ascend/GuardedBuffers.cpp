#include "runners/ascend/GuardedBuffers.h"

#include <fmt/format.h>

#include <algorithm>

namespace ptotune::ascend {
namespace {

constexpr std::int32_t kUnwrittenByte = 0xff;
constexpr std::byte kGuard{kGuardByte};

} // namespace

Step GuardedBuffers::add(const std::string& name, std::size_t bytes) {
  void* address = nullptr;
  const std::size_t all = bytes + 2 * kGuardBytes;
  if (Step fault = session_.allocate(all, name, address))
    return fault;
  auto* block = static_cast<std::byte*>(address);
  buffers_.push_back({name, bytes, block});
  addresses_.push_back(block + kGuardBytes);
  if (Step fault = session_.check(session_.acl().aclrtMemset(block, all, kGuardByte, all),
                                  fmt::format("aclrtMemset of '{}'", name)))
    return fault;
  return clear(name);
}

const GuardedBuffers::Buffer& GuardedBuffers::find(const std::string& name) const {
  return *std::ranges::find(buffers_, name, &Buffer::name);
}

Step GuardedBuffers::clear(const std::string& name) {
  const Buffer& buffer = find(name);
  return session_.check(session_.acl().aclrtMemset(buffer.block + kGuardBytes, buffer.bytes,
                                                   kUnwrittenByte, buffer.bytes),
                        fmt::format("aclrtMemset of '{}'", name));
}

Step GuardedBuffers::write(const std::string& name, std::span<const std::byte> bytes) {
  const Buffer& buffer = find(name);
  return session_.check(session_.acl().aclrtMemcpy(buffer.block + kGuardBytes, buffer.bytes,
                                                   bytes.data(), bytes.size(), kHostToDevice),
                        fmt::format("aclrtMemcpy to '{}'", name));
}

Step GuardedBuffers::read(const std::string& name, std::span<std::byte> bytes) {
  const Buffer& buffer = find(name);
  return session_.check(session_.acl().aclrtMemcpy(bytes.data(), bytes.size(),
                                                   buffer.block + kGuardBytes, buffer.bytes,
                                                   kDeviceToHost),
                        fmt::format("aclrtMemcpy from '{}'", name));
}

Step GuardedBuffers::zoneDamage(const Buffer& buffer, bool behind, std::string& text) {
  std::vector<std::byte> zone(kGuardBytes);
  const std::byte* from = buffer.block + (behind ? kGuardBytes + buffer.bytes : 0);
  if (Step fault = session_.check(
          session_.acl().aclrtMemcpy(zone.data(), zone.size(), from, zone.size(), kDeviceToHost),
          fmt::format("aclrtMemcpy from the guard zones of '{}'", buffer.name)))
    return fault;
  const auto differs = [](std::byte byte) { return byte != kGuard; };
  const auto count = std::ranges::count_if(zone, differs);
  if (count == 0)
    return std::nullopt;
  const auto first = std::ranges::find_if(zone, differs) - zone.begin();
  const auto last = std::ranges::find_if(zone.rbegin(), zone.rend(), differs) - zone.rbegin();
  const auto distance = behind ? first : last + 1;
  text += fmt::format("{}{} bytes {} '{}' were overwritten, the nearest {} bytes {}",
                      text.empty() ? "" : "; ", count, behind ? "behind" : "before", buffer.name,
                      distance, behind ? "behind its end" : "before its begin");
  return std::nullopt;
}

Step GuardedBuffers::damage(std::string& text) {
  for (const Buffer& buffer : buffers_)
    for (const bool behind : {false, true})
      if (Step fault = zoneDamage(buffer, behind, text))
        return fault;
  return std::nullopt;
}

} // namespace ptotune::ascend
