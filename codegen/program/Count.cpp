#include "codegen/program/Program.h"

namespace ptotune::program {

std::size_t instructionCount(const Body& body) {
  std::size_t count = 0;
  for (const Node& node : body) {
    if (const auto* loop = std::get_if<std::unique_ptr<Loop>>(&node))
      count += instructionCount((*loop)->body);
    else
      ++count;
  }
  return count;
}

} // namespace ptotune::program
