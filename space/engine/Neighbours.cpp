#include "space/engine/Neighbours.h"

#include <algorithm>

namespace ptotune::engine {
namespace {

// Goes down the levels with a number of changes left, taking the given value where none is.
class Search {
public:
  Search(const LegalSet& set, std::span<const Cell> row)
      : levels_(set.diagram().levels), set_(set), center_(row.begin(), row.end()), row_(center_),
        edge_(levels_.size()) {}

  std::vector<std::uint64_t> run(unsigned distance) {
    const bool fixedDiffer = !fill();
    if (!set_.empty() && !fixedDiffer)
      descend(0, distance);
    std::ranges::sort(found_);
    return std::move(found_);
  }

private:
  // Parameters without a choice cannot be changed: false when one of them is not at its value.
  bool fill() {
    std::vector<Cell> some(set_.width());
    if (set_.empty())
      return false;
    set_.at(0, some);
    std::vector<bool> isOpen(set_.width());
    for (const std::uint32_t parameter : set_.order())
      isOpen[parameter] = true;
    for (std::size_t p = 0; p < some.size(); ++p)
      if (!isOpen[p] && !set_.model().parameters()[p].derived && some[p] != center_[p])
        return false;
    return true;
  }

  const Diagram::Node& nodeOf(std::size_t level) const {
    const Diagram::Level& at = levels_[level];
    if (at.parent < 0)
      return at.nodes[at.root];
    const auto parent = static_cast<std::size_t>(at.parent);
    return at
        .nodes[levels_[parent].nexts[edge_[parent] * levels_[parent].children.size() + at.slot]];
  }

  void descend(std::size_t level, unsigned changes) {
    if (level == levels_.size())
      return report();
    const Diagram::Level& at = levels_[level];
    const Diagram::Node& node = nodeOf(level);
    for (std::uint32_t edge = node.first; edge < node.first + node.size; ++edge) {
      const Cell cell = at.cells[at.values[edge]];
      const bool isSame = cell == center_[at.parameter];
      if (!isSame && changes == 0)
        continue;
      edge_[level] = edge;
      row_[at.parameter] = cell;
      changed_ += isSame ? 0 : 1;
      descend(level + 1, isSame ? changes : changes - 1);
      changed_ -= isSame ? 0 : 1;
    }
    row_[at.parameter] = center_[at.parameter];
  }

  void report() {
    if (changed_ == 0)
      return;
    set_.model().derive(row_);
    found_.push_back(*set_.rank(row_));
  }

  const std::vector<Diagram::Level>& levels_;
  const LegalSet& set_;
  std::vector<Cell> center_;
  std::vector<Cell> row_;
  std::vector<std::uint32_t> edge_;
  unsigned changed_ = 0;
  std::vector<std::uint64_t> found_;
};

// Of the configurations that differ in one parameter, the nearest on both sides of each.
std::vector<std::uint64_t> nearest(const LegalSet& set, std::span<const Cell> row,
                                   std::span<const std::uint64_t> all) {
  struct Side {
    std::ptrdiff_t distance = 0;
    std::uint64_t index = 0;
  };
  std::vector<Side> below(set.width());
  std::vector<Side> above(set.width());
  std::vector<Cell> other(set.width());
  for (const std::uint64_t index : all) {
    set.at(index, other);
    for (const std::uint32_t parameter : set.order()) {
      if (other[parameter] == row[parameter])
        continue;
      const auto& cells = set.model().parameters()[parameter].cells;
      const std::ptrdiff_t distance =
          std::ranges::find(cells, other[parameter]) - std::ranges::find(cells, row[parameter]);
      Side& side = distance < 0 ? below[parameter] : above[parameter];
      if (side.distance == 0 || std::abs(distance) < std::abs(side.distance))
        side = {distance, index};
    }
  }
  std::vector<std::uint64_t> kept;
  for (const auto& sides : {below, above})
    for (const Side& side : sides)
      if (side.distance != 0)
        kept.push_back(side.index);
  std::ranges::sort(kept);
  return kept;
}

} // namespace

std::vector<std::uint64_t> neighbours(const LegalSet& set, std::span<const Cell> row,
                                      Neighbourhood kind, unsigned distance) {
  const unsigned changes = kind == Neighbourhood::hamming ? distance : 1;
  std::vector<std::uint64_t> all = Search(set, row).run(changes);
  return kind == Neighbourhood::adjacent ? nearest(set, row, all) : all;
}

} // namespace ptotune::engine
