// A queue that keeps its storage: pushing and popping allocate only while it grows.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace ptotune::sim {

template <typename T> class Ring {
public:
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  // The element `i` places behind the front; i < size().
  const T& operator[](std::size_t i) const { return slots_[(head_ + i) & (slots_.size() - 1)]; }
  T& operator[](std::size_t i) { return slots_[(head_ + i) & (slots_.size() - 1)]; }
  const T& front() const { return slots_[head_]; }

  void push(const T& value) {
    if (count_ == slots_.size())
      grow();
    slots_[(head_ + count_) & (slots_.size() - 1)] = value;
    ++count_;
  }
  void pop() {
    head_ = (head_ + 1) & (slots_.size() - 1);
    --count_;
  }

private:
  // The number of slots stays a power of two.
  void grow() {
    std::vector<T> wider(slots_.empty() ? 4 : slots_.size() * 2);
    for (std::size_t i = 0; i < count_; ++i)
      wider[i] = (*this)[i];
    slots_ = std::move(wider);
    head_ = 0;
  }

  std::vector<T> slots_;
  std::size_t head_ = 0;
  std::size_t count_ = 0;
};

} // namespace ptotune::sim
