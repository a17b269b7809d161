#include "tuner/search/LegalSpace.h"

#include "space/engine/Cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace ptotune::search {
namespace {

constexpr std::uint64_t kMostKept = 1U << 22U; // levels

// The value of a level as a number; nothing where it is a text.
std::vector<double> numbersOf(const engine::Parameter& parameter) {
  std::vector<double> numbers;
  if (parameter.type == engine::Type::text)
    return numbers;
  for (const engine::Cell cell : parameter.cells)
    numbers.push_back(parameter.type == engine::Type::real ? engine::realOf(cell)
                                                           : static_cast<double>(cell));
  return numbers;
}

} // namespace

Result<std::shared_ptr<const LegalSpace>> LegalSpace::make(engine::LegalSet set) {
  if (set.empty())
    return Error{.message = "the space has no legal configuration",
                 .advice = "loosen its constraints"};
  return std::shared_ptr<const LegalSpace>(new LegalSpace(std::move(set)));
}

LegalSpace::LegalSpace(engine::LegalSet set) : set_(std::move(set)), row_(set_.width()) {
  set_.at(0, row_);
  parameters_.assign(set_.order().begin(), set_.order().end());
  std::ranges::sort(parameters_);
  for (const std::uint32_t p : parameters_) {
    const engine::Parameter& parameter = set_.model().parameters()[p];
    dimensions_.push_back({.name = parameter.name,
                           .levels = parameter.cells.size(),
                           .numbers = numbersOf(parameter)});
  }
  if (size() > kMostKept / std::max<std::size_t>(1, dimensions_.size()))
    return;
  std::vector<Level> table(size() * dimensions_.size());
  std::size_t next = 0;
  engine::forEach(set_, [&](std::span<const engine::Cell> row) {
    levelsOf(row, std::span(table).subspan(next, dimensions_.size()));
    next += dimensions_.size();
  });
  table_ = std::move(table);
}

void LegalSpace::levelsOf(std::span<const engine::Cell> row, std::span<Level> levels) const {
  for (std::size_t d = 0; d < parameters_.size(); ++d) {
    const auto& cells = set_.model().parameters()[parameters_[d]].cells;
    const auto found = std::ranges::find(cells, row[parameters_[d]]);
    levels[d] = static_cast<Level>(found - cells.begin());
  }
}

void LegalSpace::at(Index index, std::span<Level> levels) const {
  if (!table_.empty()) {
    const std::size_t width = dimensions_.size();
    std::copy_n(table_.begin() + static_cast<std::ptrdiff_t>(index * width), width, levels.begin());
    return;
  }
  std::vector<engine::Cell> row(set_.width());
  set_.at(index, row);
  levelsOf(row, levels);
}

std::optional<Index> LegalSpace::rank(std::span<const Level> levels) const {
  std::vector<engine::Cell> row = row_;
  for (std::size_t d = 0; d < parameters_.size(); ++d)
    row[parameters_[d]] = set_.model().parameters()[parameters_[d]].cells[levels[d]];
  if (!set_.model().derive(row))
    return std::nullopt;
  return set_.rank(row);
}

Index LegalSpace::nearest(std::span<const Level> wanted) const {
  if (const auto legal = rank(wanted))
    return *legal;
  engine::Walk walk(set_);
  while (!walk.complete()) {
    const std::uint32_t parameter = walk.parameter();
    const auto dimension = static_cast<std::size_t>(
        std::ranges::lower_bound(parameters_, parameter) - parameters_.begin());
    const auto& cells = set_.model().parameters()[parameter].cells;
    std::uint32_t best = 0;
    std::ptrdiff_t least = -1;
    for (std::uint32_t choice = 0; choice < walk.choices(); ++choice) {
      const std::ptrdiff_t level = std::ranges::find(cells, walk.cell(choice)) - cells.begin();
      const std::ptrdiff_t distance = std::abs(level - std::ptrdiff_t{wanted[dimension]});
      if (least < 0 || distance < least) {
        least = distance;
        best = choice;
      }
    }
    walk.take(best);
  }
  return *set_.rank(walk.row());
}

template <typename Visit>
void LegalSpace::varied(std::span<Level> levels, std::size_t dimension, Visit visit) const {
  const Level own = levels[dimension];
  for (std::size_t level = 0; level < dimensions_[dimension].levels; ++level) {
    levels[dimension] = static_cast<Level>(level);
    if (level != own)
      if (const auto index = rank(levels))
        visit(*index, static_cast<Level>(level));
  }
  levels[dimension] = own;
}

std::vector<Index> LegalSpace::oneApart(Index index) const {
  std::vector<Level> levels(dimensions_.size());
  at(index, levels);
  std::vector<Index> found;
  for (std::size_t d = 0; d < levels.size(); ++d)
    varied(levels, d, [&](Index other, Level) { found.push_back(other); });
  std::ranges::sort(found);
  return found;
}

std::vector<Index> LegalSpace::adjacent(Index index) const {
  std::vector<Level> levels(dimensions_.size());
  at(index, levels);
  std::vector<Index> found;
  for (std::size_t d = 0; d < levels.size(); ++d) {
    std::optional<Index> below;
    std::optional<Index> above;
    const Level own = levels[d];
    varied(levels, d, [&](Index other, Level level) {
      if (level < own)
        below = other;
      else if (!above)
        above = other;
    });
    for (const auto& side : {below, above})
      if (side)
        found.push_back(*side);
  }
  std::ranges::sort(found);
  return found;
}

std::string LegalSpace::text(Index index) const {
  std::vector<engine::Cell> row(set_.width());
  set_.at(index, row);
  std::string text;
  for (std::uint32_t p = 0; p < row.size(); ++p)
    text += fmt::format("{}{}={}", p == 0 ? "" : ",", set_.model().parameters()[p].name,
                        engine::textOf(set_.model().value(p, row[p])));
  return text;
}

} // namespace ptotune::search
