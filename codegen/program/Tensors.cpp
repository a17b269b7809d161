#include "codegen/program/Program.h"

namespace ptotune::program {
namespace {

// By Tensor.
constexpr std::array<const char*, kTensorCount + 1> kNames = {
    "entry", "q", "k", "v", "out", "part_out", "part_max", "part_sum", "a", "b", "c"};

} // namespace

const char* name(Tensor tensor) {
  return kNames[static_cast<std::size_t>(tensor)];
}

std::optional<Tensor> tensorNamed(std::string_view name) {
  for (std::size_t tensor = 1; tensor < kNames.size(); ++tensor)
    if (name == kNames[tensor])
      return static_cast<Tensor>(tensor);
  return std::nullopt;
}

} // namespace ptotune::program
