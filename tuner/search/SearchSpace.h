// What a searcher sees of a space: numbered configurations, their parameters, and what lies near.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ptotune::search {

// Vocabulary: a *configuration* is a legal assignment, known by its *index*, from 0. A *dimension*
// is a parameter that has a choice; its values are numbered in search order, and that number is the
// *level*. Parameters without a choice are not seen.
using Index = std::uint64_t;
using Level = std::uint16_t;

struct Dimension {
  std::string name;
  std::size_t levels = 0;
  std::vector<double> numbers; // the value of each level; empty where values are texts
};

// Immutable: any number of threads may read one.
class SearchSpace {
public:
  SearchSpace() = default;
  SearchSpace(const SearchSpace&) = delete;
  SearchSpace& operator=(const SearchSpace&) = delete;
  virtual ~SearchSpace() = default;

  virtual std::uint64_t size() const = 0;
  virtual std::span<const Dimension> dimensions() const = 0;

  // The levels of a configuration, one per dimension.
  virtual void at(Index index, std::span<Level> levels) const = 0;
  // Nothing where the levels are not legal.
  virtual std::optional<Index> rank(std::span<const Level> levels) const = 0;
  // A legal configuration near the wanted levels, which need not be legal: each dimension in turn
  // takes the level closest to the wanted one that the dimensions before leave open.
  virtual Index nearest(std::span<const Level> wanted) const = 0;
  // Legal configurations that differ in one dimension (any other level of it); ascending.
  virtual std::vector<Index> oneApart(Index index) const = 0;
  // Those of them at the nearest legal level below or above; ascending.
  virtual std::vector<Index> adjacent(Index index) const = 0;
  // "block_size_x=32,block_size_y=4": all parameters, those without a choice too.
  virtual std::string text(Index index) const = 0;
};

} // namespace ptotune::search
