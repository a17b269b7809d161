#include "space/engine/Cursor.h"

#include <algorithm>

namespace ptotune::engine {

Cursor::Cursor(const LegalSet& set, std::uint64_t index)
    : set_(&set), levels_(set.diagram_.levels.data()), size_(set.diagram_.levels.size()),
      isDeriving_(!set.derived_.empty()), isDone_(index >= set.count()), row_(set.width()) {
  if (isDone_)
    return;
  set.at(index, row_);
  for (std::size_t level = 0; level < size_; ++level) {
    const Diagram::Node& node = nodeOf(level);
    edge_[level] = *set.edgeOf(levels_[level], node, row_[levels_[level].parameter]);
    end_[level] = node.first + node.size;
  }
}

Walk::Walk(const LegalSet& set) : set_(&set), row_(set.base_), edge_(set.diagram_.levels.size()) {}

const Diagram::Node& Walk::nodeOf(std::size_t level) const {
  const std::vector<Diagram::Level>& levels = set_->diagram_.levels;
  const Diagram::Level& at = levels[level];
  if (at.parent < 0)
    return at.nodes[at.root];
  const auto parent = static_cast<std::size_t>(at.parent);
  return at.nodes[levels[parent].nexts[edge_[parent] * levels[parent].children.size() + at.slot]];
}

std::uint32_t Walk::choices() const {
  return complete() ? 0 : nodeOf(depth_).size;
}

Cell Walk::cell(std::uint32_t choice) const {
  const Diagram::Level& level = set_->diagram_.levels[depth_];
  return level.cells[level.values[nodeOf(depth_).first + choice]];
}

// What is undecided hangs below decided levels, or is a whole tree: all independent of each other.
std::uint64_t Walk::completions() const {
  std::uint64_t product = set_->empty() ? 0 : 1;
  const std::vector<Diagram::Level>& levels = set_->diagram_.levels;
  for (std::size_t level = depth_; level < levels.size(); ++level)
    if (levels[level].parent < static_cast<std::int32_t>(depth_))
      product *= nodeOf(level).count;
  return product;
}

void Walk::take(std::uint32_t choice) {
  row_[parameter()] = cell(choice);
  edge_[depth_] = nodeOf(depth_).first + choice;
  ++depth_;
  if (complete())
    set_->derive(row_, 0);
}

void Walk::undo() {
  --depth_;
}

} // namespace ptotune::engine
