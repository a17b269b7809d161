// The bytes of all spaces of a run.
#pragma once

#include "runners/sim/data/Float16.h"
#include "runners/sim/data/Operands.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace ptotune::sim {

class Storage {
public:
  // Every byte is 0xff: an element that nobody has written is a NaN in fp16 and fp32.
  explicit Storage(const Spaces& spaces);

  // The element at a byte address. Operands resolve to addresses within their space.
  float load(std::int32_t space, std::int64_t address, program::DType dtype) const {
    if (dtype == program::DType::f16)
      return toFloat(get<Half>(space, address));
    return get<float>(space, address);
  }
  void store(std::int32_t space, std::int64_t address, program::DType dtype, float value,
             program::Rounding rounding = program::Rounding::tiesToEven) {
    if (dtype == program::DType::f16)
      put(space, address, toHalf(value, rounding));
    else
      put(space, address, value);
  }

  // A tensor of the kernel as a whole.
  void fill(program::Tensor tensor, std::span<const Half> elements);
  std::vector<float> read(program::Tensor tensor) const; // one in fp32
  // The tensors as another launch over the same problem left them.
  void takeTensors(const Storage& other);
  // What a core finds when it begins: the memories and rings as new, the tensors as they are.
  void beginCore();

private:
  template <typename T> T get(std::int32_t space, std::int64_t address) const {
    T value;
    std::memcpy(&value, &bytes_[static_cast<std::size_t>(space)][static_cast<std::size_t>(address)],
                sizeof value);
    return value;
  }
  template <typename T> void put(std::int32_t space, std::int64_t address, T value) {
    std::memcpy(&bytes_[static_cast<std::size_t>(space)][static_cast<std::size_t>(address)], &value,
                sizeof value);
  }

  std::vector<std::vector<std::byte>> bytes_; // by space
};

} // namespace ptotune::sim
