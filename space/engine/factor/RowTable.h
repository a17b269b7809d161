// Rows of equal width, each kept once.
#pragma once

#include "space/engine/Scratch.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

namespace ptotune::engine {

inline std::uint64_t mixHash(std::uint64_t hash, std::uint64_t value) {
  const auto product = static_cast<unsigned __int128>(hash ^ value) * 0x9e3779b97f4a7c15U;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// T is an integer. Numbers rows from 0 in the order they are first seen.
template <typename T> class RowTable {
public:
  explicit RowTable(std::size_t width) : width_(width) {}

  std::uint32_t intern(const T* row) {
    if (slots_.size() < 2 * (std::size_t{count_} + 1))
      grow();
    std::size_t slot = hash(row) & (slots_.size() - 1);
    while (slots_[slot] != kEmpty) {
      if (std::equal(row, row + width_, rows_.data() + slots_[slot] * width_))
        return slots_[slot];
      slot = (slot + 1) & (slots_.size() - 1);
    }
    slots_[slot] = count_;
    rows_.insert(rows_.end(), row, row + width_);
    return count_++;
  }

  std::uint32_t size() const { return count_; }
  std::span<const T> row(std::uint32_t number) const {
    return {rows_.data() + number * width_, width_};
  }
  const Scratch<T>& rows() const { return rows_; }
  Scratch<T> take() { return std::move(rows_); }

private:
  static constexpr std::uint32_t kEmpty = ~std::uint32_t{0};

  std::uint64_t hash(const T* row) const {
    std::uint64_t hash = 0x243f6a8885a308d3;
    for (std::size_t i = 0; i < width_; ++i)
      hash = mixHash(hash, static_cast<std::uint64_t>(row[i]));
    return hash ^ (hash >> 29);
  }

  void grow() {
    slots_.assign(std::max<std::size_t>(16, slots_.size() * 4), kEmpty);
    for (std::uint32_t number = 0; number < count_; ++number) {
      std::size_t slot = hash(rows_.data() + number * width_) & (slots_.size() - 1);
      while (slots_[slot] != kEmpty)
        slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = number;
    }
  }

  std::size_t width_;
  std::uint32_t count_ = 0;
  Scratch<T> rows_;
  Scratch<std::uint32_t> slots_;
};

} // namespace ptotune::engine
