// Going through the configurations of a legal set in order.
#pragma once

#include "space/engine/LegalSet.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace ptotune::engine {

// Stands on one configuration of a set, or past the last one. The set outlives it.
class Cursor {
public:
  // On the configuration with this index; past the end from count() on.
  explicit Cursor(const LegalSet& set, std::uint64_t index = 0);

  bool done() const { return isDone_; }
  // The configuration; valid until the next call, not past the end.
  std::span<const Cell> row() const { return row_; }
  // To the next configuration; false when there is none.
  bool next() {
    if (size_ == 0 || ++edge_[size_ - 1] == end_[size_ - 1])
      return nextRun();
    const Diagram::Level& last = levels_[size_ - 1];
    row_[last.parameter] = last.cells[last.values[edge_[size_ - 1]]];
    if (isDeriving_)
      set_->derive(row_, size_ - 1);
    return true;
  }

  // The configurations from here on that differ in the last parameter of order() alone: calls
  // visit(row) for each and steps past them. False when none is left.
  template <typename Visit> bool visitRun(Visit& visit) {
    if (size_ > 0) {
      const Diagram::Level& last = levels_[size_ - 1];
      const Cell* cells = last.cells.data();
      const std::uint32_t* values = last.values.data();
      Cell& out = row_[last.parameter];
      const std::uint32_t end = end_[size_ - 1];
      for (std::uint32_t edge = edge_[size_ - 1]; edge < end; ++edge) {
        out = cells[values[edge]];
        if (isDeriving_)
          set_->derive(row_, size_ - 1);
        visit(std::span<const Cell>(row_));
      }
    } else {
      visit(std::span<const Cell>(row_));
    }
    return nextRun();
  }

private:
  // To the first configuration of the next run.
  bool nextRun() {
    std::size_t level = size_ == 0 ? 0 : size_ - 1;
    while (level > 0) {
      --level;
      if (++edge_[level] != end_[level]) {
        enterFrom(level);
        return true;
      }
    }
    isDone_ = true;
    return false;
  }

  // Writes the cell of a level and stands on the first edges of all levels after it.
  void enterFrom(std::size_t level) {
    write(level);
    for (std::size_t after = level + 1; after < size_; ++after) {
      const Diagram::Node& node = nodeOf(after);
      edge_[after] = node.first;
      end_[after] = node.first + node.size;
      write(after);
    }
    if (isDeriving_)
      set_->derive(row_, level);
  }

  void write(std::size_t level) {
    const Diagram::Level& at = levels_[level];
    row_[at.parameter] = at.cells[at.values[edge_[level]]];
  }

  const Diagram::Node& nodeOf(std::size_t level) const {
    const Diagram::Level& at = levels_[level];
    if (at.parent < 0)
      return at.nodes[at.root];
    const auto parent = static_cast<std::size_t>(at.parent);
    return at
        .nodes[levels_[parent].nexts[edge_[parent] * levels_[parent].children.size() + at.slot]];
  }

  const LegalSet* set_;
  const Diagram::Level* levels_;
  std::size_t size_;
  bool isDeriving_;
  bool isDone_;
  std::vector<Cell> row_;
  // By level: an index into the edges, and the end of its node's.
  std::array<std::uint32_t, LegalSet::kMostLevels> edge_;
  std::array<std::uint32_t, LegalSet::kMostLevels> end_;
};

// Calls visit(std::span<const Cell>) for every configuration, in order.
template <typename Visit> void forEach(const LegalSet& set, Visit&& visit) {
  Cursor cursor(set);
  while (!cursor.done())
    cursor.visitRun(visit);
}

// Deciding parameters one after the other, in order(): which values can be completed, and in how
// many ways. Starts with none decided. The set outlives it.
class Walk {
public:
  explicit Walk(const LegalSet& set);

  std::size_t depth() const { return depth_; }
  bool complete() const { return depth_ == set_->order().size(); }
  // The parameter to be decided next; not when complete.
  std::uint32_t parameter() const { return set_->order()[depth_]; }
  // How many values of it can be completed, and the cell of each, in domain order.
  std::uint32_t choices() const;
  Cell cell(std::uint32_t choice) const;
  // In how many configurations the parameters decided so far have their values.
  std::uint64_t completions() const;

  void take(std::uint32_t choice);
  void undo();
  // Cells of parameters not decided mean nothing; derived ones are set when complete.
  std::span<const Cell> row() const { return row_; }

private:
  const Diagram::Node& nodeOf(std::size_t level) const;

  const LegalSet* set_;
  std::size_t depth_ = 0;
  std::vector<Cell> row_;
  std::vector<std::uint32_t> edge_; // by level, of those decided
};

} // namespace ptotune::engine
