#include "space/engine/factor/Order.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

namespace ptotune::engine {
namespace {

constexpr std::uint64_t bit(std::uint32_t variable) {
  return std::uint64_t{1} << variable;
}

class Planner {
public:
  Planner(std::span<const std::size_t> sizes, std::span<const std::uint64_t> scopes)
      : sizes_(sizes), scopes_(scopes) {
    for (std::size_t v = 0; v < sizes.size(); ++v)
      logSizes_[v] = std::log2(static_cast<double>(sizes[v]));
    for (const std::uint64_t scope : scopes)
      for (std::uint64_t rest = scope; rest != 0; rest &= rest - 1)
        neighbours_[static_cast<std::size_t>(std::countr_zero(rest))] |= scope;
    for (std::uint32_t v = 0; v < sizes.size(); ++v)
      neighbours_[v] &= ~bit(v);
  }

  Tree run() {
    eliminate();
    link();
    Tree tree;
    tree.places.reserve(sizes_.size());
    tree.placeOf.resize(sizes_.size());
    for (const std::uint32_t root : roots_)
      place(tree, root, -1);
    return tree;
  }

private:
  // Base-2 logarithm of an estimate of how many assignments of the variables are legal: each
  // condition among them is taken to halve their number.
  double contexts(std::uint64_t variables) const {
    double estimate = 0;
    for (std::uint64_t rest = variables; rest != 0; rest &= rest - 1)
      estimate += logSizes_[static_cast<std::size_t>(std::countr_zero(rest))];
    for (const std::uint64_t scope : scopes_)
      estimate -= (scope & ~variables) == 0 ? 1 : 0;
    return estimate;
  }

  // A variable is eliminated after everything below it. Its neighbours at that time are its
  // context, and become neighbours of each other.
  void eliminate() {
    std::uint64_t left = sizes_.size() == 64 ? ~std::uint64_t{0} : bit(sizes_.size()) - 1;
    std::array<double, 64> costs{};
    std::uint64_t stale = left;
    while (left != 0) {
      std::uint32_t best = 64;
      for (std::uint64_t rest = left; rest != 0; rest &= rest - 1) {
        const auto v = static_cast<std::uint32_t>(std::countr_zero(rest));
        if ((stale & bit(v)) != 0)
          costs[v] = contexts(neighbours_[v]);
        if (best == 64 || costs[v] < costs[best] ||
            (costs[v] == costs[best] && sizes_[v] >= sizes_[best]))
          best = v;
      }
      left &= ~bit(best);
      const std::uint64_t context = neighbours_[best] & left;
      context_[best] = context;
      eliminated_.push_back(best);
      stale = context;
      for (std::uint64_t rest = context; rest != 0; rest &= rest - 1) {
        const auto v = static_cast<std::uint32_t>(std::countr_zero(rest));
        neighbours_[v] = (neighbours_[v] | context) & ~bit(v) & left;
      }
    }
  }

  // The parent is the member of the context that is eliminated next.
  void link() {
    std::array<std::size_t, 64> rank{};
    for (std::size_t i = 0; i < eliminated_.size(); ++i)
      rank[eliminated_[i]] = i;
    const auto byLast = [&](std::uint32_t u) { return std::pair(last_[u], u); };
    for (const std::uint32_t v : eliminated_) {
      std::uint32_t parent = 64;
      for (std::uint64_t rest = context_[v]; rest != 0; rest &= rest - 1) {
        const auto u = static_cast<std::uint32_t>(std::countr_zero(rest));
        if (parent == 64 || rank[u] < rank[parent])
          parent = u;
      }
      // Everything below v is linked already, so that its last leaf is known.
      std::ranges::sort(children_[v], {}, byLast);
      last_[v] = children_[v].empty() ? sizes_[v] : last_[children_[v].back()];
      (parent == 64 ? roots_ : children_[parent]).push_back(v);
    }
    std::ranges::sort(roots_, {}, byLast);
  }

  void place(Tree& tree, std::uint32_t variable, std::int32_t parent) {
    const auto at = static_cast<std::uint32_t>(tree.places.size());
    tree.placeOf[variable] = at;
    tree.places.push_back({variable, parent, {}, bit(variable)});
    for (const std::uint32_t child : children_[variable]) {
      tree.places[at].children.push_back(static_cast<std::uint32_t>(tree.places.size()));
      place(tree, child, static_cast<std::int32_t>(at));
      tree.places[at].below |= tree.places[tree.places[at].children.back()].below;
    }
  }

  std::span<const std::size_t> sizes_;
  std::span<const std::uint64_t> scopes_;
  std::array<double, 64> logSizes_{};
  std::array<std::uint64_t, 64> neighbours_{};
  std::array<std::uint64_t, 64> context_{};
  std::array<Scratch<std::uint32_t>, 64> children_;
  std::array<std::size_t, 64> last_{}; // size of the domain of the last leaf below
  Scratch<std::uint32_t> eliminated_;
  Scratch<std::uint32_t> roots_;
};

} // namespace

Tree planTree(std::span<const std::size_t> domainSizes, std::span<const std::uint64_t> scopes) {
  return Planner(domainSizes, scopes).run();
}

Tree planChain(std::span<const std::uint32_t> variables) {
  Tree tree;
  tree.places.resize(variables.size());
  tree.placeOf.resize(variables.size());
  std::uint64_t below = 0;
  for (std::size_t i = variables.size(); i-- > 0;) {
    below |= bit(variables[i]);
    Tree::Place& place = tree.places[i];
    place = {variables[i], static_cast<std::int32_t>(i) - 1, {}, below};
    if (i + 1 < variables.size())
      place.children.push_back(static_cast<std::uint32_t>(i + 1));
    tree.placeOf[variables[i]] = static_cast<std::uint32_t>(i);
  }
  return tree;
}

} // namespace ptotune::engine
