// All legal configurations of a model, counted, listed, numbered and sampled without being stored.
#pragma once

#include "space/engine/Diagram.h"
#include "space/engine/Model.h"

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ptotune::engine {

// Vocabulary: *order()* lists the parameters that have a choice, the slowest first. Configurations
// are sorted by it, lexicographically, the values of a parameter in the order of its domain. The
// *index* of a configuration is its place in that order, from 0.
//
// Immutable once built; any number of threads may read it.
class LegalSet {
public:
  // Levels a diagram may have: parameters with a choice.
  static constexpr std::size_t kMostLevels = 256;

  struct Options {
    // Sorted by the parameters as the model has them, in place of the order that makes the set
    // smallest. Independent groups then cost more, as those in between are carried along.
    bool declaredOrder = false;
    // Partial assignments that building may look at before it gives up with an error.
    std::uint64_t mostEvaluations = 1'000'000'000;
  };

  // Fails for a model with 2^64 legal configurations or more, with more than kMostVariables
  // constrained parameters, or beyond the effort allowed.
  static Result<LegalSet> build(std::shared_ptr<const Model> model, const Options& options);
  static Result<LegalSet> build(std::shared_ptr<const Model> model);

  const Model& model() const { return *model_; }
  const Diagram& diagram() const { return diagram_; }
  std::uint64_t count() const { return diagram_.count; }
  bool empty() const { return count() == 0; }
  // Cells of a row.
  std::size_t width() const { return base_.size(); }
  std::span<const std::uint32_t> order() const { return order_; }
  // What building looked at: assignments for which constraints were decided, and edges made.
  std::uint64_t evaluations() const { return evaluations_; }
  // Held by the set, the model apart.
  std::size_t bytes() const;

  // The configuration with an index below count(); `row` has width() cells.
  void at(std::uint64_t index, std::span<Cell> row) const;
  // The index of a row; nothing when it is not legal.
  std::optional<std::uint64_t> rank(std::span<const Cell> row) const;
  bool contains(std::span<const Cell> row) const { return rank(row).has_value(); }

  // A configuration drawn uniformly, for a generator of all 64-bit numbers. Not of an empty set.
  template <typename Generator> void sample(Generator& generator, std::span<Cell> row) const {
    at(uniformIndex(generator), row);
  }
  template <typename Generator> std::uint64_t uniformIndex(Generator& generator) const;

  // By parameter, for each value of its domain: in how many configurations it stands.
  std::vector<std::vector<std::uint64_t>> marginals() const;

private:
  friend class Cursor;
  friend class Walk;

  // A derived parameter becomes known at a level, the last of those it depends on.
  struct Derived {
    std::uint32_t parameter = 0;
    std::uint32_t level = 0;
  };

  LegalSet(std::shared_ptr<const Model> model, Diagram diagram, std::vector<Cell> base,
           std::uint64_t evaluations);
  // The edge of a node for a value of its parameter, or none.
  std::optional<std::uint32_t> edgeOf(const Diagram::Level& level, const Diagram::Node& node,
                                      Cell cell) const;
  // Computes the derived parameters that change with a level or one after it.
  void derive(std::span<Cell> row, std::size_t fromLevel) const;

  std::shared_ptr<const Model> model_;
  Diagram diagram_;
  std::vector<Cell> base_; // a row with every parameter without a choice at its value
  std::vector<std::uint32_t> order_;
  std::vector<bool> isFixed_;    // by parameter
  std::vector<Derived> derived_; // by level, then in the model's order: operands come first
  std::uint64_t evaluations_ = 0;
};

// How many of the configurations that constraint after constraint has left each one rejects: the
// last entry and those before add up to the raw size less the legal count.
Result<std::vector<std::uint64_t>> countRejections(const Model& model);

template <typename Generator> std::uint64_t LegalSet::uniformIndex(Generator& generator) const {
  static_assert(Generator::min() == 0 &&
                Generator::max() == std::numeric_limits<std::uint64_t>::max());
  // Lemire's multiplication (https://arxiv.org/abs/1805.10941): the high half is the draw; low
  // halves below 2^64 mod count are drawn again, which leaves every index equally many numbers.
  const std::uint64_t size = count();
  auto product = static_cast<unsigned __int128>(generator()) * size;
  if (static_cast<std::uint64_t>(product) < size) {
    const std::uint64_t least = (0 - size) % size;
    while (static_cast<std::uint64_t>(product) < least)
      product = static_cast<unsigned __int128>(generator()) * size;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

} // namespace ptotune::engine
