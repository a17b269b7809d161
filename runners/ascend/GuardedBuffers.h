// Device buffers with a zone of known bytes on either side, which no kernel may touch.
#pragma once

#include "runners/ascend/DeviceSession.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace ptotune::ascend {

// Bytes of one zone. A multiple of what allocations are aligned to, so buffers are as well.
inline constexpr std::size_t kGuardBytes = 4096;
inline constexpr std::uint8_t kGuardByte = 0xa5;

class GuardedBuffers {
public:
  explicit GuardedBuffers(DeviceSession& session) : session_(session) {}

  // A buffer whose bytes are 0xff: an element that nobody has written is a NaN in fp16 and fp32.
  Step add(const std::string& name, std::size_t bytes);
  // In the order in which they were added.
  std::span<void* const> addresses() const { return addresses_; }
  Step write(const std::string& name, std::span<const std::byte> bytes);
  Step read(const std::string& name, std::span<std::byte> bytes);
  Step clear(const std::string& name); // as new
  // What was written beyond a buffer's ends: "" where nothing was.
  Step damage(std::string& text);

private:
  struct Buffer {
    std::string name;
    std::size_t bytes = 0;
    std::byte* block = nullptr; // of device memory; the buffer begins behind its first zone
  };

  const Buffer& find(const std::string& name) const;
  Step zoneDamage(const Buffer& buffer, bool behind, std::string& text);

  DeviceSession& session_;
  std::vector<Buffer> buffers_;
  std::vector<void*> addresses_;
};

} // namespace ptotune::ascend
