// The legal set of a constrained model as a search space.
#pragma once

#include "space/engine/LegalSet.h"
#include "tuner/search/SearchSpace.h"

#include <memory>

namespace ptotune::search {

// Small sets keep the levels of all configurations; larger ones are asked each time.
class LegalSpace final : public SearchSpace {
public:
  // Fails for an empty set.
  static Result<std::shared_ptr<const LegalSpace>> make(engine::LegalSet set);

  const engine::LegalSet& set() const { return set_; }

  std::uint64_t size() const override { return set_.count(); }
  std::span<const Dimension> dimensions() const override { return dimensions_; }
  void at(Index index, std::span<Level> levels) const override;
  std::optional<Index> rank(std::span<const Level> levels) const override;
  Index nearest(std::span<const Level> wanted) const override;
  std::vector<Index> oneApart(Index index) const override;
  std::vector<Index> adjacent(Index index) const override;
  std::string text(Index index) const override;

private:
  explicit LegalSpace(engine::LegalSet set);
  // Calls visit(index, level) for the legal levels of a dimension other than `levels` has, which
  // is left as it was.
  template <typename Visit>
  void varied(std::span<Level> levels, std::size_t dimension, Visit visit) const;
  void levelsOf(std::span<const engine::Cell> row, std::span<Level> levels) const;

  engine::LegalSet set_;
  std::vector<std::uint32_t> parameters_; // of the model, by dimension
  std::vector<Dimension> dimensions_;
  std::vector<engine::Cell> row_; // any legal row: the parameters without a choice
  std::vector<Level> table_;      // by index, then dimension; empty for large sets
};

} // namespace ptotune::search
