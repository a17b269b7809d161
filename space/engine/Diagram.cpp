#include "space/engine/Diagram.h"

namespace ptotune::engine {
namespace {

template <typename T> std::size_t held(const std::vector<T>& list) {
  return list.capacity() * sizeof(T);
}

} // namespace

std::size_t Diagram::nodes() const {
  std::size_t sum = 0;
  for (const Level& level : levels)
    sum += level.nodes.size();
  return sum;
}

std::size_t Diagram::edges() const {
  std::size_t sum = 0;
  for (const Level& level : levels)
    sum += level.values.size();
  return sum;
}

std::size_t Diagram::bytes() const {
  std::size_t sum = held(levels) + held(roots);
  for (const Level& level : levels)
    sum += held(level.cells) + held(level.children) + held(level.nodes) + held(level.values) +
           held(level.starts) + held(level.nexts);
  return sum;
}

} // namespace ptotune::engine
