#include "space/engine/Scratch.h"

#include "space/Sanitizers.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <new>

namespace ptotune::engine {
namespace {

constexpr std::size_t kChunk = 262144;
// Larger pieces go to the heap and come back to it when their list is done. Under the address
// sanitizer every list has memory of its own, whose ends it watches.
constexpr std::size_t kLargest = kAddressSanitizer ? 0 : 16384;

thread_local ScratchScope* innermost = nullptr;

} // namespace

ScratchScope::ScratchScope() : outer_(innermost), next_(inside_), left_(kInside) {
  innermost = this;
}

ScratchScope::~ScratchScope() {
  innermost = outer_;
  for (std::byte* chunk : chunks_)
    ::operator delete(chunk);
}

void* ScratchScope::take(std::size_t bytes) {
  assert(innermost && "scratch memory outside a ScratchScope");
  constexpr std::size_t unit = alignof(std::max_align_t);
  const std::size_t rounded = (bytes + unit - 1) / unit * unit;
  if (bytes > kLargest)
    return ::operator new(bytes);
  ScratchScope& scope = *innermost;
  if (rounded > scope.left_)
    return scope.fromNewChunk(rounded);
  std::byte* memory = scope.next_;
  scope.next_ += rounded;
  scope.left_ -= rounded;
  return memory;
}

void* ScratchScope::fromNewChunk(std::size_t bytes) {
  chunks_.push_back(static_cast<std::byte*>(::operator new(kChunk)));
  next_ = chunks_.back() + bytes;
  left_ = kChunk - bytes;
  return chunks_.back();
}

void ScratchScope::giveBack(void* memory, std::size_t bytes) {
  if (bytes > kLargest)
    ::operator delete(memory);
}

} // namespace ptotune::engine
