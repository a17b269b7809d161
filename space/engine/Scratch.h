// Memory of one build, taken in small pieces and given back at once: building a small set is mostly
// many short lists, which the heap would make slower than the work itself.
#pragma once

#include <cstddef>
#include <vector>

namespace ptotune::engine {

// While one lives, scratch lists of its thread take their memory from it. Scopes nest; a list must
// not outlive the scope it began in.
class ScratchScope {
public:
  ScratchScope();
  ~ScratchScope();
  ScratchScope(const ScratchScope&) = delete;
  ScratchScope& operator=(const ScratchScope&) = delete;

  // From the innermost scope of this thread; there must be one.
  static void* take(std::size_t bytes);
  static void giveBack(void* memory, std::size_t bytes);

private:
  void* fromNewChunk(std::size_t bytes);

  static constexpr std::size_t kInside = 49152;

  ScratchScope* outer_;
  std::byte* next_;
  std::size_t left_;
  std::vector<std::byte*> chunks_;
  alignas(std::max_align_t) std::byte inside_[kInside];
};

template <typename T> struct ScratchAllocator {
  using value_type = T;

  ScratchAllocator() = default;
  template <typename U> ScratchAllocator(const ScratchAllocator<U>&) {}

  T* allocate(std::size_t count) { return static_cast<T*>(ScratchScope::take(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) {
    ScratchScope::giveBack(memory, count * sizeof(T));
  }
  template <typename U> bool operator==(const ScratchAllocator<U>&) const { return true; }
};

template <typename T> using Scratch = std::vector<T, ScratchAllocator<T>>;

} // namespace ptotune::engine
